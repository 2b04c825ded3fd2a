using System.Net;
using Microsoft.Extensions.Options;

namespace BotGeneric.Simulators.Paddle.Api;

/// <summary>So many calls per minute and address, counted in whole minutes.</summary>
/// <param name="options">How many.</param>
/// <param name="timeProvider">The clock.</param>
internal sealed class PaddleRateLimit(IOptions<PaddleSimulatorOptions> options, TimeProvider timeProvider)
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<(IPAddress? Address, bool IsPreview), int> _counts = [];
    private DateTimeOffset _start;

    /// <summary>Counts a call.</summary>
    /// <returns>Null, or how many seconds to wait when it is one too many.</returns>
    public int? Count(IPAddress? address, bool isPreview)
    {
        lock (_lock)
        {
            var now = timeProvider.GetUtcNow();
            if (now - _start >= Window)
            {
                _counts.Clear();
                _start = now;
            }

            var count = _counts[(address, isPreview)] = _counts.GetValueOrDefault((address, isPreview)) + 1;
            var limit = isPreview ? options.Value.PreviewsPerMinute : options.Value.RequestsPerMinute;
            return count > limit ? (int)Math.Ceiling((_start + Window - now).TotalSeconds) : null;
        }
    }

    public void Clear()
    {
        lock (_lock)
        {
            _counts.Clear();
        }
    }
}

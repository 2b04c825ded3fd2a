using BotGeneric.Identity.Accounts.Throttling;
using Microsoft.Extensions.Options;

namespace BotGeneric.Identity.TokenServer;

/// <summary>When which device asked last, the same for all replicas.</summary>
internal sealed class DevicePolling(SignInThrottle throttle, IOptions<TokenServerOptions> options)
{
    /// <summary>Notes that a device asks.</summary>
    /// <param name="deviceCode">Its code; only a hash is kept.</param>
    /// <returns>Whether it did so a moment ago.</returns>
    public async Task<bool> IsTooSoonAsync(string deviceCode)
    {
        var (interval, lifetime) = (options.Value.DevicePollInterval, options.Value.DeviceCodeLifetime);
        return await throttle.TryBeginAsync(new ThrottleRule("device-poll", 1, interval, interval, lifetime), deviceCode) is not null;
    }
}

/// <summary>
/// How many codes a person tried that are no device's, on whatever replica. A code has 34 bits and lives for minutes; ten tries in that time find none.
/// </summary>
internal sealed class CodeGuesses(SignInThrottle throttle)
{
    /// <summary>Counts a try before it is made, so that many at once are no way round.</summary>
    /// <param name="userId">Who tries.</param>
    /// <returns>Whether there were too many.</returns>
    public async Task<bool> AreTooManyAsync(Guid userId) => await throttle.TryBeginAsync(ThrottleRule.DeviceCode, userId.ToString()) is not null;

    /// <summary>It was a device's code: takes its count back, and not those of the wrong ones before.</summary>
    /// <param name="userId">Who tried.</param>
    public Task TakeBackAsync(Guid userId) => throttle.TakeBackAsync(ThrottleRule.DeviceCode, userId.ToString());
}

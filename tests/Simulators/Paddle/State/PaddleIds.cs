using Microsoft.Extensions.Options;

namespace BotGeneric.Simulators.Paddle.State;

/// <summary>
/// Makes ids of Paddle's shape: a prefix and 26 characters that sort by time. With a seed the random part is the same in every run. Guarded by
/// the world's lock.
/// </summary>
/// <param name="options">The seed.</param>
/// <param name="clock">The time.</param>
internal sealed class PaddleIds(IOptions<PaddleSimulatorOptions> options, Clock.PaddleClock clock)
{
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
    private const int TimeLength = 10;
    private const int RandomLength = 16;

    private Random _random = Start(options.Value.Seed);

    public string New(string prefix)
    {
        var time = clock.Now.ToUnixTimeMilliseconds();
        var timePart = string.Create(TimeLength, time, (characters, value) =>
        {
            for (var index = characters.Length - 1; index >= 0; index--, value /= Alphabet.Length)
            {
                characters[index] = Alphabet[(int)(value % Alphabet.Length)];
            }
        });
        return $"{prefix}_{timePart}{new string(_random.GetItems<char>(Alphabet, RandomLength))}";
    }

    public Guid NewGuid()
    {
        Span<byte> bytes = stackalloc byte[16];
        _random.NextBytes(bytes);
        return new Guid(bytes);
    }

    /// <summary>After a restart: a seed must not begin with the ids of last time.</summary>
    /// <param name="made">How much there was before; the next ids depend on it.</param>
    public void GoOn(int made) => _random = Start(options.Value.Seed is { } seed ? unchecked(seed + (made * 7919)) : null);

    public void Reset() => _random = Start(options.Value.Seed);

    private static Random Start(int? seed) => seed is { } value ? new Random(value) : new Random();
}

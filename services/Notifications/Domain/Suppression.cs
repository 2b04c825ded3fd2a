namespace BotGeneric.Notifications.Domain;

/// <summary>
/// An address that was refused for good: who goes on sending to such addresses is soon taken for a spammer, and then nobody gets mail. The address
/// itself is not kept, only its fingerprint.
/// </summary>
public sealed class Suppression
{
    /// <summary>How long after a bounce a message that protects or opens an account may be tried all the same.</summary>
    public static readonly TimeSpan CriticalPause = TimeSpan.FromHours(24);

    private Suppression()
    {
    }

    /// <summary>UUIDv7 of this entry.</summary>
    public Guid Id { get; private set; }

    /// <summary>Keyed fingerprint of the address.</summary>
    public byte[] AddressFingerprint { get; private set; } = [];

    /// <summary>The address as the log may keep it.</summary>
    public string MaskedAddress { get; private set; } = string.Empty;

    /// <summary>The SMTP reply code of the last bounce; null when an admin listed the address.</summary>
    public int? StatusCode { get; private set; }

    /// <summary>Why, without personal data.</summary>
    public string Reason { get; private set; } = string.Empty;

    /// <summary>When it was listed, UTC.</summary>
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>The last bounce, UTC.</summary>
    public DateTimeOffset LastBouncedAt { get; private set; }

    /// <summary>Lists an address.</summary>
    /// <param name="fingerprint">Its fingerprint.</param>
    /// <param name="maskedAddress">The address for the log.</param>
    /// <param name="outcome">Why.</param>
    /// <param name="now">The time, UTC.</param>
    public static Suppression List(byte[] fingerprint, string maskedAddress, DeliveryOutcome outcome, DateTimeOffset now)
    {
        var suppression = new Suppression
        {
            Id = Guid.CreateVersion7(now),
            AddressFingerprint = fingerprint,
            MaskedAddress = maskedAddress,
            CreatedAt = now,
        };
        suppression.Bounced(outcome, now);
        return suppression;
    }

    /// <summary>The address was refused again.</summary>
    /// <param name="outcome">Why.</param>
    /// <param name="now">The time, UTC.</param>
    public void Bounced(DeliveryOutcome outcome, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        StatusCode = outcome.StatusCode;
        Reason = outcome.Reason ?? string.Empty;
        LastBouncedAt = now;
    }

    /// <summary>Whether a message may be tried although the address is listed.</summary>
    /// <param name="isCritical">Whether it protects or opens an account.</param>
    /// <param name="now">The time, UTC.</param>
    public bool Allows(bool isCritical, DateTimeOffset now) => isCritical && LastBouncedAt + CriticalPause <= now;
}

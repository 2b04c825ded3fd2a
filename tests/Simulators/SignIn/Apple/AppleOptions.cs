namespace BotGeneric.Simulators.SignIn.Apple;

/// <summary>Keys under <c>SignIn:Apple</c>.</summary>
public sealed class AppleOptions : ProviderOptions
{
    /// <summary>Starts with the Services ID of development.</summary>
    public AppleOptions() => ClientId = "com.example.development.signin";

    /// <summary>The developer team, the <c>iss</c> of client secrets.</summary>
    public string TeamId { get; set; } = "SIMTEAM001";

    /// <summary>The <c>kid</c> of the key that signs client secrets.</summary>
    public string KeyId { get; set; } = "SIMKEY0001";

    /// <summary>
    /// The public half of the key that signs client secrets: PEM, or the base64 inside of a PEM on one line. Without it a pair is
    /// generated at the start, and the control API hands out its private half.
    /// </summary>
    public string? PublicKey { get; set; }

    /// <summary>
    /// Where notifications about people go. By default <c>/account/external/apple/notifications</c> at <see cref="SignInOptions.PublicUrl"/>.
    /// </summary>
    public Uri? NotificationUrl { get; set; }
}

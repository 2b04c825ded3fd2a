namespace BotGeneric.Simulators.SignIn.Google;

/// <summary>Keys under <c>SignIn:Google</c>.</summary>
public sealed class GoogleOptions : ProviderOptions
{
    /// <summary>Starts with the client of development.</summary>
    public GoogleOptions()
    {
        ClientId = "100000000000-development.apps.simulated.invalid";
        ClientSecret = "simulated-google-client-secret";
    }
}

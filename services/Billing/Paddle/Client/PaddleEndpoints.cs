namespace BotGeneric.Billing.Paddle.Client;

/// <summary>Where Paddle's API is, and which keys it takes there.</summary>
internal static class PaddleEndpoints
{
    private static readonly Uri Live = new("https://api.paddle.com/");
    private static readonly Uri Sandbox = new("https://sandbox-api.paddle.com/");

    internal static Uri UrlOf(PaddleEnvironment environment) => environment == PaddleEnvironment.Live ? Live : Sandbox;

    internal static string KeyPrefixOf(PaddleEnvironment environment) =>
        environment == PaddleEnvironment.Live ? "pdl_live_apikey_" : "pdl_sdbx_apikey_";

    internal static string NameOf(PaddleEnvironment environment) => environment == PaddleEnvironment.Live ? "live" : "sandbox";

    /// <summary>The environment whose address it is; null: none of Paddle's own addresses, or one without encryption.</summary>
    internal static PaddleEnvironment? Find(Uri url) => url.GetLeftPart(UriPartial.Authority) switch
    {
        "https://api.paddle.com" => PaddleEnvironment.Live,
        "https://sandbox-api.paddle.com" => PaddleEnvironment.Sandbox,
        _ => null,
    };

    /// <summary>The address with a slash at its end, so that relative ones are added to it.</summary>
    internal static Uri BaseOf(PaddleOptions options, bool isProduction)
    {
        var url = options.ApiUrl ?? UrlOf(options.EnvironmentIn(isProduction));
        return url.AbsoluteUri.EndsWith('/') ? url : new Uri(url.AbsoluteUri + "/");
    }
}

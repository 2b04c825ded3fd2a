namespace BotGeneric.Simulators.Paddle;

/// <summary>Where the simulated Paddle answers.</summary>
public static class PaddlePaths
{
    /// <summary>The base of the API, in place of <c>https://sandbox-api.paddle.com/</c>.</summary>
    public const string Api = "/paddle/api/";

    /// <summary>The checkout page; <c>?_ptxn=txn_…</c> says what is paid for.</summary>
    public const string Checkout = "/paddle/checkout";

    /// <summary>The customer portal.</summary>
    public const string Portal = "/paddle/portal";

    /// <summary>What tests ask.</summary>
    public const string Control = "/paddle/control";

    /// <summary>Where the buyer's invoices are, each by its id.</summary>
    public const string Invoices = "/paddle/invoices";

    /// <summary>The shape of a sandbox key.</summary>
    public const string ApiKeyPattern = "^pdl_sdbx_apikey_[a-z0-9]{26}_[A-Za-z0-9]{22}_[A-Za-z0-9]{3}$";

    /// <summary>The part of a path that is below the API.</summary>
    /// <param name="path">The path of a request.</param>
    /// <returns>The part, without a slash at its beginning.</returns>
    internal static string BelowApi(PathString path) => path.Value is { } text && text.Length > Api.Length ? text[Api.Length..] : string.Empty;
}

using Microsoft.Extensions.Hosting;

namespace BotGeneric.AppHost;

/// <summary>
/// The origin under which people reach the installation. It becomes several settings of several processes; what is wrong with it is said here, under the
/// name by which the operator set it, before any of them starts.
/// </summary>
internal static class PublicOrigin
{
    internal const string Key = "PublicUrl";

    /// <summary>What is wrong with it, and what to do; null: nothing.</summary>
    internal static string? FaultOf(IDistributedApplicationBuilder builder)
    {
        var isProduction = builder.Environment.IsProduction();
        if (builder.Configuration[Key] is not { Length: > 0 } text)
        {
            // In development it is the gateway's own address.
            return isProduction ? $"{Key} is missing. Set it to the origin under which people reach the installation, such as https://bot.example." : null;
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https")
            || address.AbsolutePath != "/" || address.Query.Length > 0 || address.Fragment.Length > 0 || address.UserInfo.Length > 0)
        {
            return $"{Key} is '{text}'. Set it to the origin under which people reach the installation, without a path, such as https://bot.example.";
        }

        return isProduction && address.Scheme != "https"
            ? $"{Key} is '{text}', which is not https, in the Production environment: session cookies would travel in clear text."
            : null;
    }
}

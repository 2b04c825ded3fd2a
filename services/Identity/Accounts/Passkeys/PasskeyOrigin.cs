using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace BotGeneric.Identity.Accounts.Passkeys;

/// <summary>Binds passkeys to the configured origin, never to the <c>Host</c> of a request, which anybody can choose.</summary>
internal sealed class PasskeyOrigin(IOptions<OriginOptions> origin) : IConfigureOptions<IdentityPasskeyOptions>
{
    public void Configure(IdentityPasskeyOptions options)
    {
        var issuer = origin.Value.Issuer!;
        options.ServerDomain = issuer.Host;
        options.UserVerificationRequirement = "required";
        options.ResidentKeyRequirement = "required";
        options.ValidateOrigin = context => ValueTask.FromResult(
            !context.CrossOrigin && context.Origin == issuer.GetLeftPart(UriPartial.Authority));
    }
}

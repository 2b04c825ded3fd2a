using System.Collections.Immutable;
using BotGeneric.Identity.Accounts;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.Extensions.Options;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace BotGeneric.Identity.TokenServer.Handlers;

/// <summary>Every address in discovery is on the public origin, also when a service inside asks under another name.</summary>
internal sealed class AttachPublicAddresses(IOptions<OriginOptions> origin) : IOpenIddictServerHandler<HandleConfigurationRequestContext>
{
    public ValueTask HandleAsync(HandleConfigurationRequestContext context)
    {
        var options = origin.Value;
        context.AuthorizationEndpoint = options.Address(TokenServerNames.Authorize);
        context.TokenEndpoint = options.Address(TokenServerNames.Token);
        context.UserInfoEndpoint = options.Address(TokenServerNames.UserInfo);
        context.IntrospectionEndpoint = options.Address(TokenServerNames.Introspect);
        context.RevocationEndpoint = options.Address(TokenServerNames.Revocation);
        context.DeviceAuthorizationEndpoint = options.Address(TokenServerNames.DeviceAuthorization);
        context.PushedAuthorizationEndpoint = options.Address(TokenServerNames.PushedAuthorization);
        context.EndSessionEndpoint = options.Address(TokenServerNames.EndSession);
        context.JsonWebKeySetEndpoint = options.Address(TokenServerNames.KeySet);
        context.Metadata["acr_values_supported"] = ImmutableArray.Create<string?>(TokenServerNames.SecondFactorContext, TokenServerNames.SignedInContext);
        context.Metadata["ui_locales_supported"] = ImmutableArray.CreateRange<string?>(ProblemTexts.Languages);
        context.Metadata["service_documentation"] = options.Address("/docs").AbsoluteUri;
        return default;
    }
}

/// <summary>The page for the code of a device is on the public origin, and the device is told how often it may ask.</summary>
internal sealed class CompleteDeviceResponse(IOptions<OriginOptions> origin, IOptions<TokenServerOptions> options)
    : IOpenIddictServerHandler<ApplyDeviceAuthorizationResponseContext>
{
    public ValueTask HandleAsync(ApplyDeviceAuthorizationResponseContext context)
    {
        if (context.Response.Error is null && context.Response.UserCode is { } userCode)
        {
            var page = origin.Value.Address(TokenServerNames.Device).AbsoluteUri;
            context.Response.VerificationUri = page;
            context.Response.VerificationUriComplete = $"{page}?user_code={Uri.EscapeDataString(userCode)}";
            context.Response["interval"] = (long)options.Value.DevicePollInterval.TotalSeconds;
        }

        return default;
    }
}

/// <summary>A device that asks more often than it was told is asked to slow down (RFC 8628, section 3.5).</summary>
internal sealed class SlowDevicesDown(DevicePolling polling) : IOpenIddictServerHandler<ApplyTokenResponseContext>
{
    public ValueTask HandleAsync(ApplyTokenResponseContext context)
    {
        if (context.Response.Error == OpenIddictConstants.Errors.AuthorizationPending && context.Request?.DeviceCode is { } code && polling.IsTooSoon(code))
        {
            context.Response.Error = OpenIddictConstants.Errors.SlowDown;
            context.Response.ErrorDescription = "Ask less often.";
        }

        return default;
    }
}

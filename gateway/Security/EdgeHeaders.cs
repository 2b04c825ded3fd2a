namespace BotGeneric.Gateway.Security;

/// <summary>Marks an endpoint whose page has a content security policy of its own, put together by the gateway.</summary>
internal sealed class OwnPage;

/// <summary>
/// Security headers of every answer. All but one are the same everywhere. The content security policy belongs to whoever wrote the page,
/// because only he knows its scripts and nonces: a service that renders pages sends its own and the gateway leaves it alone. An answer
/// without one gets the strictest, which suits JSON and makes a page that forgot its policy visibly broken instead of invisibly open.
/// </summary>
internal static class EdgeHeaders
{
    internal const string DocsPolicy = "docs";
    internal const string PagePolicy = "page";

    internal const int OneYearInSeconds = 365 * 24 * 60 * 60;

    internal static void AddEdgeHeaders(this WebApplicationBuilder builder)
    {
        var isDevelopment = builder.Environment.IsDevelopment();
        var ownPolicyOfService = Common(isDevelopment);
        builder.Services.AddSecurityHeaderPolicies()
            .SetDefaultPolicy(Common(isDevelopment).AddContentSecurityPolicy(Nothing))
            .AddPolicy(PagePolicy, Common(isDevelopment).AddContentSecurityPolicy(Page))
            .AddPolicy(DocsPolicy, Common(isDevelopment).AddContentSecurityPolicy(Docs))
            .SetPolicySelector(context => context.HttpContext.Response.Headers.ContentSecurityPolicy.Count > 0
                ? ownPolicyOfService
                : context.SelectedPolicy);
    }

    internal static void UseEdgeHeaders(this WebApplication app)
    {
        // Pages of the gateway's own have a nonce or a policy of their own, which is put together for each answer. For all the rest the words never change.
        app.UseWhen(IsOwnPage, page => page.UseSecurityHeaders());
        var fixedHeaders = new FixedHeaders(app.Environment.IsDevelopment());
        app.Use((context, next) =>
        {
            if (!IsOwnPage(context))
            {
                fixedHeaders.AddTo(context);
            }

            return next(context);
        });
    }

    private static bool IsOwnPage(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<OwnPage>() is not null;

    private static HeaderPolicyCollection Common(bool isDevelopment)
    {
        var headers = new HeaderPolicyCollection()
            .AddContentTypeOptionsNoSniff()
            .AddFrameOptionsDeny()
            .AddReferrerPolicyStrictOriginWhenCrossOrigin()
            .AddCrossOriginOpenerPolicy(policy => policy.SameOrigin())
            .AddCrossOriginResourcePolicy(policy => policy.SameOrigin())
            .AddPermissionsPolicy(Permissions)
            .RemoveServerHeader();
        // A browser remembers this for a year: never on a developer's localhost.
        return isDevelopment ? headers : headers.AddStrictTransportSecurityMaxAgeIncludeSubDomains(OneYearInSeconds);
    }

    private static void Permissions(PermissionsPolicyBuilder policy)
    {
        policy.AddCamera().None();
        policy.AddDisplayCapture().None();
        policy.AddGeolocation().None();
        policy.AddMicrophone().None();
        policy.AddPayment().None();
        policy.AddUsb().None();
    }

    private static void Nothing(CspBuilder policy)
    {
        policy.AddDefaultSrc().None();
        policy.AddFrameAncestors().None();
        policy.AddBaseUri().None();
        policy.AddFormAction().None();
    }

    private static void Page(CspBuilder policy)
    {
        policy.AddDefaultSrc().None();
        policy.AddStyleSrc().Self();
        policy.AddImgSrc().Self();
        policy.AddFrameAncestors().None();
        policy.AddBaseUri().None();
        policy.AddFormAction().None();
    }

    private static void Docs(CspBuilder policy)
    {
        policy.AddDefaultSrc().None();
        policy.AddScriptSrc().Self().WithNonce();
        // The viewer writes its styles from its script; there is no other way to show it.
        policy.AddStyleSrc().Self().UnsafeInline();
        policy.AddImgSrc().Self().Data().Blob();
        policy.AddFontSrc().Self().Data();
        policy.AddConnectSrc().Self();
        policy.AddFrameAncestors().None();
        policy.AddBaseUri().None();
        policy.AddFormAction().None();
    }
}

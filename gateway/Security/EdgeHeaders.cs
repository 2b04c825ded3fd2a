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

    internal static void AddEdgeHeaders(this WebApplicationBuilder builder) => builder.Services.AddSecurityHeaderPolicies()
        .AddPolicy(PagePolicy, new HeaderPolicyCollection().AddContentSecurityPolicy(Page))
        .AddPolicy(DocsPolicy, new HeaderPolicyCollection().AddContentSecurityPolicy(Docs));

    internal static void UseEdgeHeaders(this WebApplication app)
    {
        var fixedHeaders = new FixedHeaders(app.Environment.IsDevelopment());
        app.Use((context, next) =>
        {
            fixedHeaders.AddTo(context);
            return next(context);
        });
        // What begins the answer last is asked first: the policy is there before the strictest would take its place.
        app.UseWhen(IsOwnPage, page => page.UseSecurityHeaders());
    }

    private static bool IsOwnPage(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<OwnPage>() is not null;

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

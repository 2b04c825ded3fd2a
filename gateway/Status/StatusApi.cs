using BotGeneric.Gateway.Routing;
using BotGeneric.Gateway.Security;
using BotGeneric.WebUi.Http;
using BotGeneric.WebUi.Localization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace BotGeneric.Gateway.Status;

/// <summary><c>/status</c>: how the system is, for people and for programs.</summary>
internal static class StatusApi
{
    private const string Path = "/status";

    internal static void AddStatus(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<StatusOptions>()
            .BindConfiguration(StatusOptions.SectionName)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        builder.Services.AddSingleton<StatusBoard>();
        builder.Services.AddSingleton<EdgeParts>();
        builder.Services.AddHostedService<StatusPoller>();
#pragma warning disable EXTEXP0001 // A probe must see the first answer: a retry would hide what it is there to find.
        builder.Services.AddHttpClient<HealthClient>()
            .RemoveAllResilienceHandlers();
#pragma warning restore EXTEXP0001
        // The style sheets of the page come from the gateway itself, so that it looks like something when the landing service is away.
        builder.WebHost.UseStaticWebAssets();
        builder.AddPages();
    }

    /// <summary>Gives the page the language of whoever reads it.</summary>
    /// <param name="app">The gateway.</param>
    internal static void UseStatusLanguage(this WebApplication app) =>
        app.UseWhen(context => context.Request.Path == Path, page => page.UsePageLanguage());

    internal static void MapStatus(this WebApplication app)
    {
        app.MapStaticAssets().AllowAnonymous().WithMetadata(new EdgeRules(LimitClass.Pages, CrossSiteRule.WithSession, IgnoresCredentials: true));
        app.MapMethods(Path, [HttpMethods.Get, HttpMethods.Head], Get)
            .WithName("GetStatus")
            .WithTags("Status")
            .Produces<StatusDocument>()
            .AllowAnonymous()
            .WithMetadata(new EdgeRules(LimitClass.Pages, CrossSiteRule.WithSession, IgnoresCredentials: true))
            .WithMetadata(new OwnPage())
            .WithSecurityHeadersPolicy(EdgeHeaders.PagePolicy);
    }

    /// <summary>How every service, the database, the cache and the broker are, and since when.</summary>
    /// <remarks>
    /// Asked for by a browser (<c>Accept: text/html</c>) the answer is a page. It is always 200: the state is the content. States are
    /// refreshed every few seconds by each gateway for itself. No addresses and no errors are shown; those are in the logs.
    /// </remarks>
    /// <param name="context">The request.</param>
    /// <param name="board">What is known.</param>
    internal static Results<JsonHttpResult<StatusDocument>, RazorComponentResult<StatusPage>> Get(HttpContext context, StatusBoard board)
    {
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.Vary = HeaderNames.Accept;
        return context.Request.AcceptsHtml()
            ? new RazorComponentResult<StatusPage>(new Dictionary<string, object?> { [nameof(StatusPage.Status)] = board.Current })
            : TypedResults.Json(board.Current);
    }
}

using BotGeneric.Gateway.Routing;
using BotGeneric.Gateway.Security;
using BotGeneric.ServiceDefaults.OpenApi;
using NetEscapades.AspNetCore.SecurityHeaders;
using Scalar.AspNetCore;

namespace BotGeneric.Gateway.Docs;

/// <summary><c>/docs</c>: one page for the HTTP API of every service. Its script comes from here, not from somebody else's server.</summary>
internal static class DocsPages
{
    private const string GatewayDocument = "gateway";

    // The viewer's own greys and the colours of its methods are too pale for small text: WCAG 2.2 asks for 4.5:1 on its background.
    private const string Colours = """
        .light-mode {
          --scalar-color-3: #5c6370;
          --scalar-color-green: #00693f;
          --scalar-color-blue: #005c99;
          --scalar-color-orange: #9a3f0c;
          --scalar-color-yellow: #7a5200;
          --scalar-color-red: #b3261e;
          --scalar-color-purple: #5203d1;
        }
        .dark-mode {
          --scalar-color-3: #a6a6a6;
        }
        """;

    private const string DocumentPattern = "/docs/openapi/{documentName}.json";

    internal static void AddDocs(this WebApplicationBuilder builder) =>
        builder.Services.AddOpenApi(ServiceOpenApi.DocumentName, options =>
        {
            ServiceOpenApi.Describe(options);
            options.AddDocumentTransformer((document, _, _) =>
            {
                document.Info.Title = "Gateway";
                document.Info.Description = "What the gateway answers itself. Everything else is answered by the services behind it.";
                return Task.CompletedTask;
            });
        });

    internal static void MapDocs(this WebApplication app)
    {
        app.MapOpenApi(DocumentPattern.Replace("{documentName}", GatewayDocument, StringComparison.Ordinal))
            .AllowAnonymous()
            .ExcludeFromDescription();
        app.MapScalarApiReference("/docs", Configure)
            .WithMetadata(new HttpMethodMetadata([HttpMethods.Get, HttpMethods.Head]))
            .AllowAnonymous()
            .WithMetadata(new OwnPage())
            .WithSecurityHeadersPolicy(EdgeHeaders.DocsPolicy);
    }

    private static void Configure(ScalarOptions options, HttpContext context)
    {
        options
            .WithTitle("Bot-Generic API")
            .WithOpenApiRoutePattern(DocumentPattern)
            .WithNonce(context.GetNonce())
            .WithDynamicBaseServerUrl()
            .DisableDefaultFonts()
            .DisableTelemetry()
            .DisableAgent()
            .HideClientButton()
            .WithCustomCss(Colours);
        // Its toolbar offers to share, to generate and to deploy with a server of its maker.
        options.ShowDeveloperTools = DeveloperToolsVisibility.Never;
        foreach (var service in ServiceNames.WithApi)
        {
            options.AddDocument(service, Title(service));
        }

        options.AddDocument(GatewayDocument, Title(GatewayDocument));
    }

    private static string Title(string name) => $"{char.ToUpperInvariant(name[0])}{name[1..]}";
}

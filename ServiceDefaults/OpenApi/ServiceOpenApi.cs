using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace BotGeneric.ServiceDefaults.OpenApi;

/// <summary>The OpenAPI document of a service.</summary>
/// <remarks>
/// A service registers it with <c>builder.Services.AddOpenApi("v1", ServiceOpenApi.Describe)</c> itself, because XML docs are read
/// by a source generator that sees only the project in which that call stands.
/// </remarks>
public static class ServiceOpenApi
{
    /// <summary>The name of the one document that each service has.</summary>
    public const string DocumentName = "v1";

    /// <summary>Adds what all documents share: how to authenticate and what an error looks like.</summary>
    /// <param name="options">The options of the document.</param>
    public static void Describe(OpenApiOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.AddDocumentTransformer((document, _, _) =>
        {
            // The address of the service is of no use to a reader: everything is reached through the gateway's origin.
            document.Servers = [new OpenApiServer { Url = "/" }];
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
            document.Components.SecuritySchemes[AccessDescription.SchemeName] = AccessDescription.Scheme;
            return Task.CompletedTask;
        });
        options.AddOperationTransformer(AccessDescription.DescribeAsync);
        // Of parameters that are kept together in a type the document takes over the spelling of the program.
        options.AddOperationTransformer((operation, _, _) =>
        {
            foreach (var parameter in (operation.Parameters ?? []).OfType<OpenApiParameter>().Where(parameter => parameter is { In: ParameterLocation.Query, Name: not null }))
            {
                parameter.Name = JsonNamingPolicy.CamelCase.ConvertName(parameter.Name!);
            }

            return Task.CompletedTask;
        });
    }

    internal static void MapServiceOpenApi(this WebApplication app)
    {
        if (app.Services.GetKeyedService<IOpenApiDocumentProvider>(DocumentName) is not null)
        {
            app.MapOpenApi().AllowAnonymous();
        }
    }
}

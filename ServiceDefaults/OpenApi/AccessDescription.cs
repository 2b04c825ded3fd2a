using BotGeneric.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Infrastructure;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace BotGeneric.ServiceDefaults.OpenApi;

/// <summary>Writes into the document what each operation demands of its caller, from the same policies that enforce it.</summary>
internal static class AccessDescription
{
    internal const string SchemeName = "accessToken";

    internal static OpenApiSecurityScheme Scheme => new()
    {
        Type = SecuritySchemeType.Http,
        Scheme = "bearer",
        BearerFormat = "JWT",
        Description = "`Authorization: Bearer <credential>`. Through the gateway an API key or an access token, or the session of the browser; at a "
            + "service itself an access token (RFC 9068) that names the service as its audience. The requirement of each operation names the scope.",
    };

    internal static async Task DescribeAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        if (metadata.OfType<IAllowAnonymous>().Any())
        {
            return;
        }

        var policies = context.ApplicationServices.GetRequiredService<IAuthorizationPolicyProvider>();
        var policy = await AuthorizationPolicy.CombineAsync(policies, metadata.OfType<IAuthorizeData>(), metadata.OfType<AuthorizationPolicy>());
        var requirements = policy?.Requirements ?? [];
        List<string> scopes = [.. requirements.OfType<ScopeRequirement>().Select(requirement => requirement.Scope).Distinct()];
        operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(SchemeName, context.Document)] = scopes }];
        operation.Description = string.Join("\n\n", new[] { operation.Description, Explain(scopes, requirements) }.Where(text => !string.IsNullOrEmpty(text)));
        operation.Responses ??= [];
        operation.Responses.TryAdd("401", new OpenApiResponse { Description = "No valid access token, or one whose sign-in is too long ago. Problem details." });
        operation.Responses.TryAdd("403", new OpenApiResponse { Description = "The token does not allow this. Problem details; the header WWW-Authenticate names the scope." });
    }

    private static string Explain(List<string> scopes, IReadOnlyList<IAuthorizationRequirement> requirements)
    {
        List<string> demands = [.. scopes.Select(scope => $"the scope `{scope}`")];
        demands.AddRange(requirements.OfType<RolesAuthorizationRequirement>().Select(requirement => $"the role `{string.Join("` or `", requirement.AllowedRoles)}`"));
        demands.AddRange(requirements.OfType<RecentSignInRequirement>().Select(requirement => $"a second factor shown at most {requirement.MaximumAge.TotalMinutes:0} minutes ago"));
        demands.AddRange(requirements.OfType<NotImpersonatedRequirement>().Take(1).Select(_ => "that nobody acts in the person's name"));
        return demands.Count == 0 ? string.Empty : $"Demands {string.Join(", ", demands)}.";
    }
}

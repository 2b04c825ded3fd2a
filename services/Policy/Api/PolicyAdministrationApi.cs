namespace BotGeneric.Policy.Api;

/// <summary>Everything under <c>/api/admin/policies</c>.</summary>
public static class PolicyAdministrationApi
{
    /// <summary>Maps it.</summary>
    /// <param name="app">The service.</param>
    public static void MapPolicyAdministration(this IEndpointRouteBuilder app)
    {
        app.MapAdminPoliciesApi();
        app.MapAdminAccountRulesApi();
        app.MapEffectiveApi();
        app.MapWhatIfApi();
    }
}

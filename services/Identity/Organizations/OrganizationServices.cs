namespace BotGeneric.Identity.Organizations;

/// <summary>Organizations: what the service needs for them, and where they are reached.</summary>
public static class OrganizationServices
{
    /// <summary>Registers organizations.</summary>
    /// <param name="builder">The service being built.</param>
    public static void AddOrganizations(this WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddOptions<OrganizationOptions>()
            .BindConfiguration(OrganizationOptions.SectionName).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddScoped<OrganizationGate>();
        builder.Services.AddScoped<OrganizationDirectory>();
        builder.Services.AddScoped<OrganizationLifecycle>();
        builder.Services.AddScoped<MembershipEnd>();
        builder.Services.AddScoped<MembershipService>();
        builder.Services.AddScoped<InvitationService>();
        builder.Services.AddScoped<InvitationAnswers>();
    }

    /// <summary>Maps the API and the pages of organizations.</summary>
    /// <param name="app">The service.</param>
    public static void MapOrganizations(this IEndpointRouteBuilder app)
    {
        app.MapOrganizationsApi();
        app.MapOrganizationPages();
    }
}

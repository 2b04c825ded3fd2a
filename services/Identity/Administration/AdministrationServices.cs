using BotGeneric.Identity.Impersonation;

namespace BotGeneric.Identity.Administration;

/// <summary>What those who run the system need: people, organizations, the audit log, and the first admin.</summary>
public static class AdministrationServices
{
    /// <summary>Registers administration.</summary>
    /// <param name="builder">The service being built.</param>
    public static void AddAdministration(this WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var isDevelopment = builder.Environment.IsDevelopment();
        builder.Services.AddOptions<AdministrationOptions>()
            .BindConfiguration(AdministrationOptions.SectionName)
            .Validate(
                options => isDevelopment || AdministrationOptions.IsAllowedOutsideOfDevelopment(options),
                "Outside of the Development environment Administration:InitialAdmin:ApiKey must not be set and Administration:RequireSecondFactor must not be false.")
            .Validate(
                AdministrationOptions.HasUsableAdmin,
                "Administration:InitialAdmin needs an e-mail address in Email and 12 characters or more in Password.")
            .Validate(AdministrationOptions.HasUsableKey, "Administration:InitialAdmin:ApiKey is not a key in the format of the system.")
            .ValidateOnStart();
        builder.Services.AddScoped<UserAdministration>();
        builder.Services.AddScoped<UserDirectory>();
        builder.Services.AddScoped<AuditVerifier>();
        builder.Services.AddScoped<Impersonations>();
        builder.Services.AddHostedService<InitialAdmin>();
    }

    /// <summary>Maps the admin API and the pages of admins.</summary>
    /// <param name="app">The service.</param>
    public static void MapAdministration(this IEndpointRouteBuilder app)
    {
        app.MapAdminUsersApi();
        app.MapAdminOrganizationsApi();
        app.MapAdminAuditApi();
        app.MapAdminUsersPages();
        app.MapAdminAuditPages();
        app.MapAdminErasuresPages();
        app.MapImpersonationPages();
    }
}

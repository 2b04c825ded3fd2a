using BotGeneric.ServiceDefaults.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace BotGeneric.Gateway.Data;

/// <summary>The gateway's database and Redis.</summary>
internal static class DataExtensions
{
    private const string DatabaseName = "gateway-db";

    // Part of every protected value: another name would sign everybody out.
    private const string ApplicationName = "BotGeneric.Gateway";

    internal static void AddData(this WebApplicationBuilder builder)
    {
        builder.AddNpgsqlDataSource(DatabaseName);
        builder.Services.AddDbContext<GatewayDbContext>((services, options) => options
            .UseNpgsql(services.GetRequiredService<NpgsqlDataSource>())
            .UseSnakeCaseNamingConvention());
        builder.Services.AddScoped<DbContext>(services => services.GetRequiredService<GatewayDbContext>());
        builder.AddServiceDataProtection<GatewayDbContext>(ApplicationName);
        builder.AddRedisClient("redis");

        // The keys are in memory once they were read. A gateway that took itself out of service with its database would take everything along.
        builder.Services.Configure<HealthCheckServiceOptions>(options =>
        {
            foreach (var registration in options.Registrations.Where(registration => registration.Name == DatabaseName))
            {
                registration.FailureStatus = HealthStatus.Degraded;
            }
        });
    }
}

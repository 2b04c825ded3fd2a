using BotGeneric.Billing.Catalogue;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Paddle;
using BotGeneric.Billing.Paddle.Client;
using BotGeneric.ServiceDefaults.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BotGeneric.Billing.Api;

/// <summary>How this installation is connected to Paddle.</summary>
public static class PaddleConfigurationApi
{
    /// <summary>Maps <c>GET /api/admin/paddle/configuration</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapPaddleConfigurationApi(this IEndpointRouteBuilder app) =>
        app.MapGet("/api/admin/paddle/configuration", GetAsync)
            .WithTags("Paddle")
            .RequireAuthorization(ApiPolicies.Admin)
            .WithSummary("Show how Paddle is connected");

    /// <summary>Environment, key, secrets, the last delivery and comparison, and what of the catalogue is not at Paddle. No secret is shown.</summary>
    internal static async Task<Ok<PaddleConfiguration>> GetAsync(
        BillingDbContext db, IOptions<PaddleOptions> options, IHostEnvironment host, CancellationToken cancellationToken)
    {
        var paddle = options.Value;
        var environment = paddle.EnvironmentIn(host.IsProduction());
        var last = await db.ReconciliationRuns.AsNoTracking().OrderByDescending(run => run.Id).FirstOrDefaultAsync(cancellationToken);
        return TypedResults.Ok(new PaddleConfiguration(
            PaddleEndpoints.NameOf(environment),
            PaddleEndpoints.BaseOf(paddle, host.IsProduction()).Host,
            !string.IsNullOrEmpty(paddle.ApiKey),
            paddle.ApiKey?.StartsWith(PaddleEndpoints.KeyPrefixOf(environment), StringComparison.Ordinal) ?? false,
            paddle.WebhookSecrets.Count,
            paddle.SignatureTolerance,
            paddle.VerifySourceAddress,
            await db.WebhookEvents.AsNoTracking().MaxAsync(inbox => (DateTimeOffset?)inbox.ReceivedAt, cancellationToken),
            last is null ? null : ReconciliationReport.From(last),
            await CataloguePush.StateAsync(db, cancellationToken)));
    }
}

/// <summary>How this installation is connected to Paddle.</summary>
/// <param name="Environment"><c>sandbox</c> or <c>live</c>.</param>
/// <param name="ApiHost">The host of the API.</param>
/// <param name="HasApiKey">Whether there is a key of the API. Without one nothing can be sold or changed.</param>
/// <param name="KeyFitsEnvironment">Whether the key's prefix is that of the environment.</param>
/// <param name="WebhookSecrets">How many secrets of notification destinations there are; two while one replaces the other.</param>
/// <param name="SignatureTolerance">How far the time in a signature may be from ours.</param>
/// <param name="VerifiesSourceAddress">Whether deliveries must come from an address of Paddle's.</param>
/// <param name="LastDeliveryAt">When Paddle was heard of last, UTC; null: never.</param>
/// <param name="LastReconciliation">The last comparison; null: none yet.</param>
/// <param name="Catalogue">What is at Paddle of the plans.</param>
public sealed record PaddleConfiguration(
    string Environment,
    string ApiHost,
    bool HasApiKey,
    bool KeyFitsEnvironment,
    int WebhookSecrets,
    TimeSpan SignatureTolerance,
    bool VerifiesSourceAddress,
    DateTimeOffset? LastDeliveryAt,
    ReconciliationReport? LastReconciliation,
    CatalogueState Catalogue);

/// <summary>What is at Paddle of the plans, as far as is known here.</summary>
/// <param name="PlansOnSale">Plans with a price on sale.</param>
/// <param name="WithoutProduct">Those of them without a product at Paddle.</param>
/// <param name="PricesNotPushed">Prices on sale that are not at Paddle. A price of a plan with a trial is there twice: with it, and without for accounts that have used up theirs.</param>
/// <param name="TrialsNotPushed">
/// Prices on sale that have another trial at Paddle, as far as it was heard, than their plan has here: who buys at them has the one that is there. A push changes it.
/// </param>
/// <param name="IsPushed">Whether everything on sale is there, with its trial.</param>
public sealed record CatalogueState(int PlansOnSale, int WithoutProduct, int PricesNotPushed, int TrialsNotPushed, bool IsPushed);

using System.Text.Json.Nodes;
using BotGeneric.Simulators.Paddle.Api;
using BotGeneric.Simulators.Paddle.Portal;
using BotGeneric.Simulators.Paddle.State;

namespace BotGeneric.Simulators.Paddle.Subscriptions;

/// <summary><c>/subscriptions</c>: reading and changing. Pausing and the like are in <see cref="SubscriptionActionsApi"/>.</summary>
/// <param name="world">Keeps them.</param>
/// <param name="changes">Changes them.</param>
/// <param name="previews">Shows what they will cost.</param>
/// <param name="portal">Makes their links.</param>
internal sealed class SubscriptionsApi(PaddleWorld world, SubscriptionChanges changes, SubscriptionPreviews previews, PortalLinks portal)
{
    public void Map(PaddleRoutes routes)
    {
        routes.Get("/subscriptions", List);
        routes.Get("/subscriptions/{id}", call => world.Subscriptions.TryFind(call.Id, out var found) ? Answer.Ok(Shape(found, call.Query)) : Refusal.NotFound(call.Id));
        routes.Patch("/subscriptions/{id}", Change);
        routes.Patch("/subscriptions/{id}/preview", Preview);
    }

    /// <summary>A subscription as the API shows it: with links that no webhook has.</summary>
    public JsonObject Shape(Subscription subscription)
    {
        var json = PaddleJson.Of(subscription);
        json["management_urls"] = portal.ManagementUrls(subscription);
        return json;
    }

    private JsonObject Shape(Subscription subscription, ListQuery query)
    {
        var json = Shape(subscription);
        if (query.Includes("next_transaction"))
        {
            json["next_transaction"] = previews.Next(subscription);
        }

        if (query.Includes("recurring_transaction_details"))
        {
            json["recurring_transaction_details"] = previews.Recurring(subscription, subscription.Items);
        }

        return json;
    }

    private Answer List(PaddleCall call)
    {
        var query = call.Query;
        var (ids, customers, statuses, prices) = (query.Values("id"), query.Values("customer_id"), query.Values("status"), query.Values("price_id"));
        var (addresses, modes, actions) = (query.Values("address_id"), query.Values("collection_mode"), query.Values("scheduled_change_action"));
        var (updated, created, next) = (query.Times("updated_at"), query.Times("created_at"), query.Times("next_billed_at"));
        return query.Page(
            world.Subscriptions.All.Where(row => query.Passes(ids, row.Id) && query.Passes(customers, row.CustomerId) && query.Passes(statuses, row.Status)
                && query.Passes(addresses, row.AddressId) && query.Passes(modes, row.CollectionMode) && query.Passes(actions, row.ScheduledChange?.Action)
                && (prices is null || row.Items.Any(item => prices.Contains(item.Price.Id, StringComparer.Ordinal)))
                && updated(row.UpdatedAt) && created(row.CreatedAt) && next(row.NextBilledAt)),
            Shape);
    }

    private Answer Change(PaddleCall call)
    {
        if (!world.Subscriptions.TryFind(call.Id, out var subscription))
        {
            return Refusal.NotFound(call.Id);
        }

        var (request, refusal) = ChangeRequest.Read(call.Body);
        return (refusal ?? changes.Apply(subscription, request)) is { } refused ? refused : Answer.Ok(Shape(subscription));
    }

    private Answer Preview(PaddleCall call)
    {
        if (!world.Subscriptions.TryFind(call.Id, out var subscription))
        {
            return Refusal.NotFound(call.Id);
        }

        ChangePlan? plan = null;
        var (request, refusal) = ChangeRequest.Read(call.Body);
        return (refusal ?? changes.Plan(subscription, request, out plan)) is { } refused
            ? refused
            : Answer.Ok(previews.Of(Shape(subscription), subscription, plan));
    }
}

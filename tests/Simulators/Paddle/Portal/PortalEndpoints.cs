using System.Globalization;
using BotGeneric.Simulators.Paddle.Clock;
using BotGeneric.Simulators.Paddle.Money;
using BotGeneric.Simulators.Paddle.State;
using BotGeneric.Simulators.Paddle.Subscriptions;
using BotGeneric.Simulators.Paddle.Transactions;
using BotGeneric.Simulators.SignIn.Pages;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace BotGeneric.Simulators.Paddle.Portal;

/// <summary>The customer portal: what somebody has, ending it, another card. As with Paddle, it does not offer a pause.</summary>
/// <param name="engine">Runs one at a time.</param>
/// <param name="world">Knows what somebody has.</param>
/// <param name="links">Knows whose portal it is.</param>
/// <param name="lifecycle">Ends subscriptions.</param>
/// <param name="actions">Leads to the page for another card.</param>
internal sealed class PortalEndpoints(PaddleEngine engine, PaddleWorld world, PortalLinks links, SubscriptionLifecycle lifecycle, SubscriptionActionsApi actions)
{
    private const int MaximumBodyBytes = 16 * 1024;

    public void Map(IEndpointRouteBuilder app)
    {
        var group = app.MapGroup(PaddlePaths.Portal).AllowAnonymous().ExcludeFromDescription().WithMetadata(new RequestSizeLimitAttribute(MaximumBodyBytes));
        group.MapGet("/", (HttpContext context, string? token = null, string? action = null, string? subscription_id = null) => Show(context, token, action, subscription_id));
        group.MapPost("/", async (HttpContext context, CancellationToken cancellationToken) =>
        {
            var form = context.Request.HasFormContentType ? await context.Request.ReadFormAsync(cancellationToken) : FormCollection.Empty;
            return Act(context, form["token"], form["action"].ToString(), form["subscription_id"]);
        });
    }

    private Results<ContentHttpResult, RedirectHttpResult> Show(HttpContext context, string? token, string? action, string? subscriptionId) =>
        engine.Run<Results<ContentHttpResult, RedirectHttpResult>>(() =>
        {
            if (links.Find(token) is not { } session)
            {
                return Expired(context);
            }

            if (Own(session, subscriptionId) is { } subscription)
            {
                if (action == "update_subscription_payment_method" && subscription.IsLive)
                {
                    return TypedResults.Redirect(actions.PaymentMethodTransaction(subscription).Checkout!.Url!);
                }

                if (action == "cancel_subscription" && subscription.IsLive)
                {
                    return Page(context, session, [subscription], "Cancel the subscription?");
                }
            }

            return Page(
                context, session, [.. world.Subscriptions.All.Where(candidate => candidate.CustomerId == session.CustomerId)], "Your subscriptions");
        });

    private Results<ContentHttpResult, RedirectHttpResult> Act(HttpContext context, string? token, string action, string? subscriptionId) =>
        engine.Run<Results<ContentHttpResult, RedirectHttpResult>>(() =>
        {
            if (links.Find(token) is not { } session)
            {
                return Expired(context);
            }

            if (action == "cancel" && Own(session, subscriptionId) is { IsLive: true } subscription && subscription.ScheduledChange is not { Action: "cancel" })
            {
                Cancel(subscription);
            }

            return TypedResults.Redirect(links.Url(session, "overview"));
        });

    private void Cancel(Subscription subscription)
    {
        if (subscription.CurrentBillingPeriod is null)
        {
            lifecycle.CancelNow(subscription);
        }
        else
        {
            lifecycle.Schedule(subscription, "cancel", resumeAt: null);
        }
    }

    private Subscription? Own(PortalSession session, string? subscriptionId) =>
        world.Subscriptions.TryFind(subscriptionId, out var subscription) && subscription.CustomerId == session.CustomerId ? subscription : null;

    private ContentHttpResult Page(HttpContext context, PortalSession session, IReadOnlyList<Subscription> subscriptions, string title) => Html.Page(
        context,
        $"{title} (simulated)",
        $"""
        <p>{Html.Encode(world.Customers.Find(session.CustomerId)?.Email)}</p>
        {(subscriptions.Count == 0 ? "<p>There is none.</p>" : string.Concat(subscriptions.Select(subscription => Show(session, subscription))))}
        """,
        formTarget: links.Url(session, "overview"));

    private string Show(PortalSession session, Subscription subscription)
    {
        var change = subscription.ScheduledChange is { } scheduled
            ? string.Create(CultureInfo.InvariantCulture, $"<p>{Html.Encode(scheduled.Action)} on {scheduled.EffectiveAt:yyyy-MM-dd}</p>") : string.Empty;
        var items = string.Join(", ", subscription.Items.Select(item => string.Create(
            CultureInfo.InvariantCulture,
            $"{item.Quantity} × {item.Product.Name}, {Currencies.Format(Pricing.UnitAmount(item.Price, subscription.Country, subscription.CurrencyCode), subscription.CurrencyCode)}")));
        var buttons = subscription.IsLive
            ? $"""
            <a href="{Html.Encode(links.Url(session, "update_subscription_payment_method", subscription.Id))}">Use another card</a>
            {(subscription.ScheduledChange is { Action: "cancel" } ? string.Empty : CancelForm(session, subscription))}
            """
            : string.Empty;
        return $"""
            <fieldset><legend>{Html.Encode(items)}</legend>
            <p>{Html.Encode(subscription.Status)}</p>
            {change}
            {buttons}
            </fieldset>
            """;
    }

    private static string CancelForm(PortalSession session, Subscription subscription) =>
        $"""
        <form method="post" action="{PaddlePaths.Portal}">
        <input type="hidden" name="token" value="{session.Token}">
        <input type="hidden" name="subscription_id" value="{subscription.Id}">
        <button type="submit" name="action" value="cancel">Cancel the subscription</button>
        </form>
        """;

    private static ContentHttpResult Expired(HttpContext context) => Html.Page(
        context, "This link has expired (simulated)", "<p role=\"alert\">Ask for a new link where you got this one.</p>", status: StatusCodes.Status403Forbidden);
}

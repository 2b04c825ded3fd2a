using BotGeneric.ServiceDefaults.Problems;
using BotGeneric.Simulators.Paddle.Adjustments;
using BotGeneric.Simulators.Paddle.Checkout;
using BotGeneric.Simulators.Paddle.Clock;
using BotGeneric.Simulators.Paddle.Customers;
using BotGeneric.Simulators.Paddle.State;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BotGeneric.Simulators.Paddle.Control;

/// <summary>What buyers, banks and Paddle's staff do.</summary>
public static class BuyerControl
{
    private static readonly string[] Locks = ["subscription_locked_renewal", "subscription_locked_processing"];

    internal static void MapBuyerControl(this RouteGroupBuilder group)
    {
        group.MapPost("/checkouts/{transactionId}", Pay).WithSummary("Pay a transaction as a buyer on the checkout page would");
        group.MapPut("/customers/{id}/card", SetCard).WithSummary("Decide how a customer's card answers from now on");
        group.MapPut("/subscriptions/{id}/lock", Lock).WithSummary("Refuse changes of a subscription");
        group.MapDelete("/subscriptions/{id}/lock", Unlock).WithSummary("Allow changes of a subscription again");
        group.MapPut("/adjustments/{id}/decision", Decide).WithSummary("Decide about a refund");
    }

    /// <summary>Pays without a browser, with the same events as the page.</summary>
    private static Results<Ok<PaidCheckout>, ProblemHttpResult> Pay(
        string transactionId, CheckoutRequest request, PaddleEngine engine, PaddleWorld world, CheckoutFlow flow) =>
        engine.Run<Results<Ok<PaidCheckout>, ProblemHttpResult>>(() =>
        {
            if (!world.Transactions.TryFind(transactionId, out var transaction))
            {
                return ApiProblems.NotFound("There is no such transaction.");
            }

            if (!CheckoutFlow.IsPayable(transaction))
            {
                return ApiProblems.Conflict($"The transaction is {transaction.Status}.");
            }

            var email = request.Email ?? world.Customers.Find(transaction.CustomerId)?.Email ?? $"{transactionId}@buyer.example";
            var country = request.Country ?? world.Addresses.Find(transaction.AddressId)?.CountryCode ?? "US";
            if (!CustomerDirectory.IsEmail(email) || country is not [>= 'A' and <= 'Z', >= 'A' and <= 'Z'])
            {
                return ApiProblems.Invalid("email", "Send an e-mail address, and a country of two letters.");
            }

            flow.Identify(transaction, email, country, postalCode: null);
            if (!Enum.TryParse<CheckoutCard>(request.Card, ignoreCase: true, out var card) || !Enum.IsDefined(card))
            {
                return ApiProblems.Invalid("card", "One of works, declined, confirm, declinesLater.");
            }

            var outcome = flow.Pay(transaction, card, request.Save);
            if (outcome == CheckoutOutcome.NeedsConfirmation && request.Confirm is { } answer)
            {
                outcome = flow.Confirm(transaction, answer);
            }

            return TypedResults.Ok(new PaidCheckout(
                char.ToLowerInvariant(outcome.ToString()[0]) + outcome.ToString()[1..], transaction.Status, transaction.CustomerId, transaction.SubscriptionId));
        });

    /// <summary>The customer by id or by e-mail address. Without anything in the request the card works.</summary>
    private static Results<NoContent, ProblemHttpResult> SetCard(string id, CardRequest request, PaddleEngine engine, PaddleWorld world, CustomerDirectory directory)
    {
        if (request.Declines < 0)
        {
            return ApiProblems.Invalid("declines", "Send 0 or more.");
        }

        return engine.Run<Results<NoContent, ProblemHttpResult>>(() =>
        {
            if ((world.Customers.Find(id) ?? directory.FindByEmail(id)) is not { } customer)
            {
                return ApiProblems.NotFound("There is no such customer.");
            }

            (customer.Card.Declines, customer.Card.AlwaysDeclines, customer.Card.ErrorCode) = (request.Declines, request.Always, request.ErrorCode);
            return TypedResults.NoContent();
        });
    }

    /// <summary>Until it is taken off, changes answer 409 with the code.</summary>
    private static Results<NoContent, ProblemHttpResult> Lock(string id, LockRequest request, PaddleEngine engine, PaddleWorld world) =>
        Locks.Contains(request.Code, StringComparer.Ordinal)
            ? SetLock(id, request.Code, engine, world)
            : ApiProblems.Invalid("code", $"One of {string.Join(", ", Locks)}.");

    /// <summary>Takes the lock off. That of the last 30 minutes before a renewal stays.</summary>
    private static Results<NoContent, ProblemHttpResult> Unlock(string id, PaddleEngine engine, PaddleWorld world) => SetLock(id, code: null, engine, world);

    /// <summary>Approves or rejects a refund now, or at the time when Paddle would approve it.</summary>
    private static Results<NoContent, ProblemHttpResult> Decide(string id, DecisionRequest request, PaddleEngine engine, PaddleWorld world, AdjustmentFlow flow)
    {
        if (request.Decision is not (Statuses.Approved or Statuses.Rejected))
        {
            return ApiProblems.Invalid("decision", "approved or rejected.");
        }

        return engine.Run<Results<NoContent, ProblemHttpResult>>(() =>
        {
            if (world.Adjustments.Find(id) is not { DecidedAt: not null } adjustment)
            {
                return ApiProblems.NotFound("There is no such pending adjustment.");
            }

            adjustment.Decision = request.Decision;
            if (request.Now)
            {
                flow.Decide(adjustment);
            }

            return TypedResults.NoContent();
        });
    }

    private static Results<NoContent, ProblemHttpResult> SetLock(string id, string? code, PaddleEngine engine, PaddleWorld world) =>
        engine.Run<Results<NoContent, ProblemHttpResult>>(() =>
        {
            if (!world.Subscriptions.TryFind(id, out var subscription))
            {
                return ApiProblems.NotFound("There is no such subscription.");
            }

            subscription.Lock = code;
            return TypedResults.NoContent();
        });
}

/// <summary>What a buyer does.</summary>
/// <param name="Email">Who; the transaction's customer, or somebody new, when left out.</param>
/// <param name="Country">Where; the transaction's address, or US, when left out.</param>
/// <param name="Card"><c>works</c>, <c>declined</c>, <c>confirm</c> or <c>declinesLater</c>.</param>
/// <param name="Confirm">With <c>confirm</c>: the answer to the bank; it stays open when left out.</param>
/// <param name="Save">Whether Paddle keeps the card.</param>
public sealed record CheckoutRequest(string? Email = null, string? Country = null, string Card = "works", bool? Confirm = null, bool Save = false);

/// <summary>How it went.</summary>
/// <param name="Outcome"><c>paid</c>, <c>declined</c> or <c>needsConfirmation</c>.</param>
/// <param name="TransactionStatus">The status of the transaction now.</param>
/// <param name="CustomerId">The buyer.</param>
/// <param name="SubscriptionId">The subscription; null when there is none.</param>
public sealed record PaidCheckout(string Outcome, string TransactionStatus, string? CustomerId, string? SubscriptionId);

/// <summary>How a card answers.</summary>
/// <param name="Declines">How many of the next charges it declines.</param>
/// <param name="Always">Whether it declines all.</param>
/// <param name="ErrorCode">Why.</param>
public sealed record CardRequest(int Declines = 0, bool Always = false, string ErrorCode = "declined");

/// <summary>A lock.</summary>
/// <param name="Code"><c>subscription_locked_renewal</c> or <c>subscription_locked_processing</c>.</param>
public sealed record LockRequest(string Code);

/// <summary>A decision about a refund.</summary>
/// <param name="Decision"><c>approved</c> or <c>rejected</c>.</param>
/// <param name="Now">Now, or when it is due.</param>
public sealed record DecisionRequest(string Decision, bool Now = true);

using BotGeneric.Simulators.Paddle.Clock;
using BotGeneric.Simulators.Paddle.Customers;
using BotGeneric.Simulators.Paddle.State;
using BotGeneric.Simulators.Paddle.Transactions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace BotGeneric.Simulators.Paddle.Checkout;

/// <summary>The checkout page and its forms. They work in a browser and with a plain form post.</summary>
/// <param name="engine">Runs one at a time.</param>
/// <param name="world">Knows transactions.</param>
/// <param name="flow">Does what the buyer does.</param>
/// <param name="options">Where the browser goes in the end.</param>
internal sealed class CheckoutEndpoints(PaddleEngine engine, PaddleWorld world, CheckoutFlow flow, IOptions<PaddleSimulatorOptions> options)
{
    private const int MaximumBodyBytes = 16 * 1024;

    private Uri? SuccessUrl => options.Value.Checkout.SuccessUrl;

    public void Map(IEndpointRouteBuilder app)
    {
        var group = app.MapGroup(PaddlePaths.Checkout).AllowAnonymous().ExcludeFromDescription().WithMetadata(new RequestSizeLimitAttribute(MaximumBodyBytes));
        group.MapGet("/", (HttpContext context, string? _ptxn = null) => Show(context, _ptxn));
        app.MapGet($"{PaddlePaths.Invoices}/{{id}}", ShowInvoice).AllowAnonymous().ExcludeFromDescription();
        group.MapPost("/pay", async (HttpContext context, CancellationToken cancellationToken) => Pay(context, await FormAsync(context, cancellationToken)));
        group.MapPost("/confirm", async (HttpContext context, CancellationToken cancellationToken) => Confirm(context, await FormAsync(context, cancellationToken)));
    }

    private ContentHttpResult Show(HttpContext context, string? id) => engine.Run(() =>
    {
        if (!world.Transactions.TryFind(id, out var transaction))
        {
            return Unknown(context);
        }

        if (CheckoutFlow.AwaitsConfirmation(transaction))
        {
            return CheckoutPages.Confirm(context, transaction, SuccessUrl);
        }

        return CheckoutFlow.IsPayable(transaction)
            ? CheckoutPages.Form(context, View(transaction), SuccessUrl)
            : transaction.Status is Statuses.Paid or Statuses.Completed
                ? CheckoutPages.Paid(context, transaction)
                : CheckoutPages.Problem(context, $"This transaction is {transaction.Status} and cannot be paid.", StatusCodes.Status409Conflict);
    });

    private ContentHttpResult ShowInvoice(HttpContext context, string id) => engine.Run(() =>
        world.Transactions.All.FirstOrDefault(transaction => transaction.InvoiceId == id) is { } billed
            ? CheckoutPages.Invoice(context, billed, world.Customers.Find(billed.CustomerId)?.Email)
            : Unknown(context));

    private Results<ContentHttpResult, RedirectHttpResult> Pay(HttpContext context, IFormCollection form) => engine.Run<Results<ContentHttpResult, RedirectHttpResult>>(() =>
    {
        if (!world.Transactions.TryFind(form["_ptxn"], out var transaction))
        {
            return Unknown(context);
        }

        if (!CheckoutFlow.IsPayable(transaction))
        {
            return CheckoutPages.Problem(context, $"This transaction is {transaction.Status} already.", StatusCodes.Status409Conflict);
        }

        var view = View(transaction);
        if (!view.IsBound)
        {
            var (email, country) = (form["email"].ToString().Trim(), form["country"].ToString());
            if (!CustomerDirectory.IsEmail(email) || country is not [>= 'A' and <= 'Z', >= 'A' and <= 'Z'])
            {
                return CheckoutPages.Form(context, view with { Problem = "Enter an e-mail address and a country." }, SuccessUrl);
            }

            flow.Identify(transaction, email, country, form["postal_code"].ToString() is { Length: > 0 } postalCode ? postalCode : null);
            if (form["step"] == "identify")
            {
                return CheckoutPages.Form(context, View(transaction), SuccessUrl);
            }
        }

        var card = Enum.TryParse<CheckoutCard>(form["card"], ignoreCase: true, out var chosen) ? chosen : CheckoutCard.Works;
        return Answer(context, transaction, flow.Pay(transaction, card, form["save"] == "true"));
    });

    private Results<ContentHttpResult, RedirectHttpResult> Confirm(HttpContext context, IFormCollection form) =>
        engine.Run<Results<ContentHttpResult, RedirectHttpResult>>(() =>
        {
            if (!world.Transactions.TryFind(form["_ptxn"], out var transaction))
            {
                return Unknown(context);
            }

            return CheckoutFlow.AwaitsConfirmation(transaction)
                ? Answer(context, transaction, flow.Confirm(transaction, form["answer"] == "confirm"))
                : CheckoutPages.Problem(context, "There is nothing to confirm.", StatusCodes.Status409Conflict);
        });

    private Results<ContentHttpResult, RedirectHttpResult> Answer(HttpContext context, Transaction transaction, CheckoutOutcome outcome) => outcome switch
    {
        CheckoutOutcome.NeedsConfirmation => CheckoutPages.Confirm(context, transaction, SuccessUrl),
        CheckoutOutcome.Declined => CheckoutPages.Form(context, View(transaction) with { Problem = "The card was declined. Choose another one." }, SuccessUrl),
        _ when SuccessUrl is { } url => TypedResults.Redirect(url.ToString()),
        _ => CheckoutPages.Paid(context, transaction),
    };

    private CheckoutView View(Transaction transaction) => new(
        transaction, world.Customers.Find(transaction.CustomerId)?.Email, world.Addresses.Find(transaction.AddressId)?.CountryCode, transaction.SubscriptionId is not null);

    private static ContentHttpResult Unknown(HttpContext context) => CheckoutPages.Problem(context, "There is no such transaction.", StatusCodes.Status404NotFound);

    private static async Task<IFormCollection> FormAsync(HttpContext context, CancellationToken cancellationToken) =>
        context.Request.HasFormContentType ? await context.Request.ReadFormAsync(cancellationToken) : FormCollection.Empty;
}

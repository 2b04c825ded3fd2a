using System.Globalization;
using BotGeneric.Simulators.Paddle.Money;
using BotGeneric.Simulators.Paddle.Transactions;
using BotGeneric.Simulators.SignIn.Pages;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BotGeneric.Simulators.Paddle.Checkout;

/// <summary>The checkout as pages for a browser, without scripts.</summary>
internal static class CheckoutPages
{
    private static readonly (string Code, string Name)[] Countries =
    [
        ("US", "United States"), ("GB", "United Kingdom"), ("DE", "Germany"), ("FR", "France"), ("IE", "Ireland"), ("JP", "Japan"), ("KR", "South Korea"),
        ("PL", "Poland"), ("UA", "Ukraine"), ("VN", "Vietnam"), ("CL", "Chile"), ("CA", "Canada"), ("AU", "Australia"),
    ];

    /// <summary>What is paid for, who pays, and with which card.</summary>
    internal static ContentHttpResult Form(HttpContext context, CheckoutView view, Uri? successUrl)
    {
        var alert = view.Problem is null ? string.Empty : $"<p role=\"alert\">{Html.Encode(view.Problem)}</p>";
        var email = view.IsBound
            ? $"<p>Paid by <strong>{Html.Encode(view.Email)}</strong></p>"
            : $"""
            <label>E-mail address <input name="email" type="email" required maxlength="320" autocomplete="off" value="{Html.Encode(view.Email)}"></label>
            <label>Country <select name="country" required>{string.Concat(Options(view.Country))}</select></label>
            <label>Postal code <input name="postal_code" maxlength="20" autocomplete="off"></label>
            <button type="submit" name="step" value="identify">Show what it costs there</button>
            """;
        return Html.Page(
            context,
            "Checkout (simulated)",
            $"""
            {alert}<p>Nothing here is real: no card is charged.</p>
            {Summary(view.Transaction)}
            <form method="post" action="{PaddlePaths.Checkout}/pay">
            <input type="hidden" name="_ptxn" value="{view.Transaction.Id}">
            <fieldset><legend>Buyer</legend>
            {email}
            </fieldset>
            <fieldset><legend>Card</legend>
            <label><input type="radio" name="card" value="works" checked> 4242: works</label>
            <label><input type="radio" name="card" value="declined"> 0002: is declined</label>
            <label><input type="radio" name="card" value="confirm"> 3184: asks for confirmation (3-D Secure)</label>
            <label><input type="radio" name="card" value="declinesLater"> 0341: works now, is declined at renewals</label>
            <label><input type="checkbox" name="save" value="true"> Keep the card for later purchases</label>
            </fieldset>
            <button type="submit">Pay {Html.Encode(Total(view.Transaction))}</button>
            </form>
            """,
            formTarget: successUrl?.ToString(),
            status: view.Problem is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity);
    }

    /// <summary>The bank's question.</summary>
    internal static ContentHttpResult Confirm(HttpContext context, Transaction transaction, Uri? successUrl) => Html.Page(
        context,
        "Confirm the payment (simulated bank)",
        $"""
        <p>A shop asks for <strong>{Html.Encode(Total(transaction))}</strong>.</p>
        <form method="post" action="{PaddlePaths.Checkout}/confirm">
        <input type="hidden" name="_ptxn" value="{transaction.Id}">
        <button type="submit" name="answer" value="confirm">Confirm</button>
        <button type="submit" name="answer" value="fail">Refuse</button>
        </form>
        """,
        formTarget: successUrl?.ToString());

    /// <summary>It is paid, and there is nowhere to go on.</summary>
    internal static ContentHttpResult Paid(HttpContext context, Transaction transaction) => Html.Page(
        context, "Payment complete (simulated)", $"<p>Paid: <strong>{Html.Encode(Total(transaction))}</strong>. You can close this page.</p>{Summary(transaction)}");

    /// <summary>The invoice, where Paddle gives a PDF.</summary>
    internal static ContentHttpResult Invoice(HttpContext context, Transaction transaction, string? email) => Html.Page(
        context,
        $"Invoice {transaction.InvoiceNumber} (simulated)",
        string.Create(CultureInfo.InvariantCulture, $"<p>{Html.Encode(email)}, {transaction.BilledAt:yyyy-MM-dd}, {Html.Encode(transaction.Status)}</p>{Summary(transaction)}"));

    /// <summary>There is nothing to pay.</summary>
    internal static ContentHttpResult Problem(HttpContext context, string problem, int status) =>
        Html.Page(context, "Checkout (simulated)", $"<p role=\"alert\">{Html.Encode(problem)}</p>", status: status);

    private static string Summary(Transaction transaction)
    {
        var rows = string.Concat(transaction.Details.LineItems.Select(line => string.Create(
            CultureInfo.InvariantCulture,
            $"<li>{line.Quantity} × {Html.Encode(line.Product.Name)}: {Html.Encode(Format(line.Totals.Total))}</li>\n")));
        var totals = transaction.Details.Totals;
        return $"""
            <ul>
            {rows}</ul>
            <dl>
            <dt>Subtotal</dt><dd>{Html.Encode(Format(totals.Subtotal))}</dd>
            <dt>Tax</dt><dd>{Html.Encode(Format(totals.Tax))}</dd>
            <dt>Total due today</dt><dd><strong>{Html.Encode(Total(transaction))}</strong></dd>
            </dl>
            """;

        string Format(string amount) => Currencies.Format(Pricing.Parse(amount), transaction.CurrencyCode);
    }

    private static string Total(Transaction transaction) => Currencies.Format(Pricing.Parse(transaction.Details.Totals.GrandTotal), transaction.CurrencyCode);

    private static IEnumerable<string> Options(string? selected) => Countries.Select(country =>
        $"<option value=\"{country.Code}\"{(country.Code == (selected ?? "US") ? " selected" : string.Empty)}>{Html.Encode(country.Name)}</option>");
}

/// <summary>What the form shows.</summary>
/// <param name="Transaction">What is paid for.</param>
/// <param name="Email">The buyer, where known.</param>
/// <param name="Country">Where the buyer is, where known.</param>
/// <param name="IsBound">Whether the buyer cannot change: the bill is of a subscription.</param>
/// <param name="Problem">What went wrong; null for nothing.</param>
internal sealed record CheckoutView(Transaction Transaction, string? Email, string? Country, bool IsBound, string? Problem = null);

using BotGeneric.Billing.Checkouts;
using BotGeneric.Billing.Paddle.Client;

namespace BotGeneric.Billing.Tests.Checkouts;

public sealed class CheckoutSettlementTests
{
    [Theory]
    [InlineData(400, "transaction_immutable", true)]
    [InlineData(400, "transaction_invalid_status_change", true)]
    [InlineData(404, "not_found", true)]
    [InlineData(400, "bad_request", false)]
    [InlineData(401, "authentication_malformed", false)]
    [InlineData(403, "forbidden", false)]
    [InlineData(409, "concurrent_modification", false)]
    [InlineData(429, "too_many_requests", false)]
    public void Only_what_Paddle_will_never_cancel_is_given_up_uncanceled(int status, string code, bool isFinal) =>
        Assert.Equal(isFinal, CheckoutSettlement.IsFinal(new PaddleFailure(PaddleOutcome.Refused, new PaddleError(status, code, null, [], null))));

    [Fact]
    public void What_became_of_a_call_that_is_not_known_is_not_final() =>
        Assert.False(CheckoutSettlement.IsFinal(new PaddleFailure(PaddleOutcome.Unknown)));
}

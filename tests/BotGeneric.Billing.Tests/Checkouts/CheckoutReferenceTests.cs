using System.Text.Json;
using BotGeneric.Billing.Catalogue;
using BotGeneric.Billing.Checkouts;
using CsCheck;
using Microsoft.Extensions.Options;

namespace BotGeneric.Billing.Tests.Checkouts;

public sealed class CheckoutReferenceTests
{
    private const string Old = "an-old-key-0123456789-0123456789-0123";
    private const string New = "a-new-key-0123456789-0123456789-01234";

    private static readonly (Guid Checkout, Guid Account) Some = (Guid.CreateVersion7(), Guid.CreateVersion7());

    [Fact]
    public void What_was_signed_is_read_back() => Gen.Select(Gen.Guid, Gen.Guid).Sample((checkout, account) =>
        With(New).Verify(With(New).Create(checkout, account)) == new CheckoutReference(checkout, account));

    [Fact]
    public void The_first_key_signs_and_all_of_them_verify()
    {
        var signedBefore = With(Old).Create(Some.Checkout, Some.Account);

        Assert.NotNull(With(New, Old).Verify(signedBefore));
        Assert.Null(With(New).Verify(signedBefore));
        Assert.NotNull(With(New).Verify(With(New, Old).Create(Some.Checkout, Some.Account)));
    }

    [Fact]
    public void A_reference_in_which_anything_is_changed_is_none()
    {
        var reference = With(New).Create(Some.Checkout, Some.Account);

        Gen.Select(Gen.Int[0, reference.Length - 1], Gen.Char.AlphaNumeric).Sample((position, letter) =>
        {
            var changed = reference.Remove(position, 1).Insert(position, letter.ToString());
            return changed == reference || With(New).Verify(changed) is null || position == reference.Length - 1;
        });
    }

    [Fact]
    public void Anything_else_is_none() => Gen.OneOf(Gen.String, Gen.String.AlphaNumeric.Select(text => "c1_" + text), Gen.Char.AlphaNumeric.Array[86].Select(letters => "c1_" + new string(letters)))
        .Sample(text => With(New).Verify(text) is null);

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"c1_\"")]
    [InlineData("{}")]
    [InlineData("""{ "reference": 1 }""")]
    [InlineData("""{ "reference": null }""")]
    [InlineData("""{ "reference": "c2_AAAA" }""")]
    [InlineData("""{ "accountId": "0192f0c1-2345-7abc-8def-0123456789ab" }""")]
    public void What_is_attached_without_our_reference_says_nothing(string customData) =>
        Assert.Null(With(New).Read(JsonDocument.Parse(customData).RootElement));

    private static CheckoutReferences With(params string[] keys) => new(Options.Create(new BillingOptions { ReferenceKeys = keys }));
}

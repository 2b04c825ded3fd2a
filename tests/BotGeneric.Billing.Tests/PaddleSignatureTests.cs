using System.Globalization;
using System.Text;
using BotGeneric.Billing.Paddle;
using CsCheck;

namespace BotGeneric.Billing.Tests;

public sealed class PaddleSignatureTests
{
    private const string Secret = "pdl_ntfset_01hbpjmytsa32fhr36nqgc3kgb_WvRO0eL4Bj9rgYYIBZY6wZhG4EHy9jzh";
    private const string OtherSecret = "pdl_ntfset_another";
    private const string Body = """{"data": "value"}""";
    private const string Junk = "0000000000000000000000000000000000000000000000000000000000000000";

    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);
    private static readonly string Good = Sign(Now, Body, Secret);

    // Published by Paddle's Node SDK as a literal, so that both sides of the computation are not ours.
    [Fact]
    public void A_signature_computed_elsewhere_is_valid()
    {
        const string header = "ts=1698796800;h1=a300428748dce5c70e4da19bffd60769591ea969c99dea3105d0ec9612cf43f9";

        var verdict = PaddleSignature.Verify(
            header, """{"data": ["1", "2"]}"""u8, ["VALID_SECRET"], DateTimeOffset.FromUnixTimeSeconds(1698796800), TimeSpan.FromSeconds(5));

        Assert.Equal(SignatureVerdict.Valid, verdict);
    }

    [Fact]
    public void A_body_with_other_white_space_is_another_body() =>
        Assert.Equal(SignatureVerdict.Mismatch, Verify(Header(Now, Good), body: """{"data":"value"}"""));

    [Fact]
    public void The_right_signature_counts_whether_it_stands_first_or_last()
    {
        Assert.Equal(SignatureVerdict.Valid, Verify(Header(Now, Good, Junk)));
        Assert.Equal(SignatureVerdict.Valid, Verify(Header(Now, Junk, Good)));
    }

    [Fact]
    public void A_value_that_is_no_signature_does_not_discard_the_others() =>
        Assert.Equal(SignatureVerdict.Valid, Verify(Header(Now, "dummy", Good)));

    [Fact]
    public void Digits_above_nine_count_in_either_case() =>
        Assert.Equal(SignatureVerdict.Valid, Verify(Header(Now, Good.ToUpperInvariant())));

    [Fact]
    public void An_escaped_letter_and_the_letter_are_different_bytes()
    {
        const string escaped = """{"city": "M\u00fcnchen"}""";
        const string plain = """{"city": "München"}""";
        var header = Header(Now, Sign(Now, escaped, Secret));

        Assert.Equal(SignatureVerdict.Valid, Verify(header, escaped));
        Assert.Equal(SignatureVerdict.Mismatch, Verify(header, plain));
    }

    [Fact]
    public void The_time_is_signed_as_it_is_written()
    {
        var padded = $"0{Now.ToUnixTimeSeconds()}";
        var signature = Convert.ToHexStringLower(PaddleSignature.Compute(padded, Encoding.UTF8.GetBytes(Body), Secret));

        Assert.Equal(SignatureVerdict.Valid, Verify($"ts={padded};h1={signature}"));
        Assert.Equal(SignatureVerdict.Mismatch, Verify($"ts={Now.ToUnixTimeSeconds()};h1={signature}"));
    }

    [Fact]
    public void A_header_can_neither_be_endless_nor_hold_endless_signatures()
    {
        Assert.Equal(SignatureVerdict.Valid, Verify(Header(Now, [.. Enumerable.Repeat(Junk, 15), Good])));
        Assert.Equal(SignatureVerdict.Mismatch, Verify(Header(Now, [.. Enumerable.Repeat(Junk, 16), Good])));
        Assert.Equal(SignatureVerdict.Valid, Verify(Header(Now, [.. Enumerable.Repeat("dummy", 100), Good])));
        Assert.Equal(SignatureVerdict.Malformed, Verify($"{Header(Now, Good)};v={new string('x', PaddleSignature.MaximumHeaderLength)}"));
    }

    [Fact]
    public void Unknown_parts_of_the_header_are_ignored() =>
        Assert.Equal(SignatureVerdict.Valid, Verify($"{Header(Now, Good)};h2=later;v=2"));

    [Fact]
    public void Each_configured_secret_counts() =>
        Assert.Equal(SignatureVerdict.Valid, PaddleSignature.Verify(
            Header(Now, Good), Encoding.UTF8.GetBytes(Body), [OtherSecret, Secret], Now, TimeSpan.FromSeconds(5)));

    [Fact]
    public void Another_secret_does_not() =>
        Assert.Equal(SignatureVerdict.Mismatch, PaddleSignature.Verify(
            Header(Now, Good), Encoding.UTF8.GetBytes(Body), [OtherSecret], Now, TimeSpan.FromSeconds(5)));

    [Theory]
    [InlineData(-6, SignatureVerdict.Stale)]
    [InlineData(-5, SignatureVerdict.Valid)]
    [InlineData(5, SignatureVerdict.Valid)]
    [InlineData(6, SignatureVerdict.Stale)]
    public void The_time_may_be_off_by_the_tolerance_in_either_direction(int seconds, SignatureVerdict expected)
    {
        var signedAt = Now.AddSeconds(seconds);

        Assert.Equal(expected, Verify(Header(signedAt, Sign(signedAt, Body, Secret))));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("invalid_header")]
    [InlineData("h1=x")]
    [InlineData("ts=1234;h2=x")]
    [InlineData("ts=x;h1=y")]
    [InlineData("ts=;h1=y")]
    [InlineData("ts=-1;h1=y")]
    [InlineData("ts=1;ts=2;h1=y")]
    [InlineData("ts=1700000000;ts=1700000000;h1=y")]
    [InlineData("ts=;ts=1;h1=y")]
    [InlineData("ts=1.5;h1=y")]
    [InlineData("ts=+1;h1=y")]
    [InlineData("ts= 1;h1=y")]
    [InlineData("ts=١٧;h1=y")]
    [InlineData("TS=1;H1=y")]
    [InlineData("ts:1,h1:y")]
    [InlineData("ts=99999999999999999999;h1=y")]
    public void A_header_of_another_form_is_malformed(string? header) =>
        Assert.Equal(SignatureVerdict.Malformed, Verify(header));

    [Fact]
    public void A_time_at_the_end_of_the_number_range_is_stale_and_no_overflow()
    {
        const long end = long.MaxValue;
        var signature = Convert.ToHexStringLower(PaddleSignature.Compute(end.ToString(CultureInfo.InvariantCulture), Encoding.UTF8.GetBytes(Body), Secret));

        Assert.Equal(SignatureVerdict.Stale, Verify($"ts={end};h1={signature}"));
    }

    [Fact]
    public void No_header_and_no_body_make_the_check_throw_or_pass()
    {
        var part = Gen.OneOf(
            Gen.Const("ts="), Gen.Const("h1="), Gen.Const(";"), Gen.Const("="), Gen.Const(Good), Gen.Const("1700000000"), Gen.String[0, 20]);

        Gen.Select(part.Array[0, 12], Gen.Byte.Array[0, 50]).Sample((parts, body) =>
        {
            var verdict = PaddleSignature.Verify(string.Concat(parts), body, [Secret], Now, TimeSpan.FromSeconds(5));
            return verdict != SignatureVerdict.Valid;
        });
    }

    private static SignatureVerdict Verify(string? header, string body = Body) =>
        PaddleSignature.Verify(header, Encoding.UTF8.GetBytes(body), [Secret], Now, TimeSpan.FromSeconds(5));

    private static string Header(DateTimeOffset at, params string[] signatures) =>
        $"ts={at.ToUnixTimeSeconds()};{string.Join(';', signatures.Select(signature => $"h1={signature}"))}";

    private static string Sign(DateTimeOffset at, string body, string secret) => Convert.ToHexStringLower(
        PaddleSignature.Compute(at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), Encoding.UTF8.GetBytes(body), secret));
}

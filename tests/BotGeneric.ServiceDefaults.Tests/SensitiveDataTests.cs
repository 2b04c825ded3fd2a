using BotGeneric.ServiceDefaults.Telemetry;

namespace BotGeneric.ServiceDefaults.Tests;

public sealed class SensitiveDataTests
{
    [Theory]
    [InlineData("Host=db;Username=billing;Password=Tr0ub4dor;Pooling=true", "Tr0ub4dor")]
    [InlineData("postgres://billing:Tr0ub4dor@db:5432/billing", "Tr0ub4dor")]
    [InlineData("amqp://guest:Tr0ub4dor@localhost:5672", "Tr0ub4dor")]
    [InlineData("localhost:6379,password=Tr0ub4dor,ssl=true", "Tr0ub4dor")]
    [InlineData("Authorization: Bearer abc.def-123", "abc.def-123")]
    [InlineData("key bg_live_9f8e7d6c5b4a3928 was refused", "9f8e7d6c5b4a3928")]
    [InlineData("api_key=0123456789abcdef", "0123456789abcdef")]
    [InlineData("eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl", "eyJzdWIiOiIxMjM0In0")]
    [InlineData("https://api.telegram.org/bot123456789:AAH3kq0d5bQwErTyUiOpAsDfGhJkLzXcVbN/sendMessage", "AAH3kq0d5bQwErTyUiOpAsDfGhJkLzXcVbN")]
    [InlineData("POST /telegram/webhook/s3cr3tBotKey", "s3cr3tBotKey")]
    [InlineData("sk-proj0123456789abcdefghij", "proj0123456789abcdefghij")]
    [InlineData("pdl_ntfset_01abcdef_key/Ab12+cd", "01abcdef")]
    [InlineData("ts=1700000000;h1=5b3f0c0d", "5b3f0c0d")]
    [InlineData("chat_id=123456789", "123456789")]
    [InlineData("\"chatId\": -1001234567890", "1001234567890")]
    [InlineData("sent to olena.kovalenko+news@example.com.ua", "olena.kovalenko")]
    public void A_secret_is_removed(string text, string secret)
    {
        var redacted = SensitiveData.Redact(text);

        Assert.DoesNotContain(secret, redacted, StringComparison.Ordinal);
        Assert.Contains(SensitiveData.Mask, redacted, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("input_tokens: 5, output_tokens: 17")]
    [InlineData("Applied 3 migration(s)")]
    [InlineData("llm.input_tokens=1200")]
    [InlineData("GET /api/usage/history?meter=llm.requests&from=2026-01-01")]
    [InlineData("billing is Unhealthy, was Healthy")]
    [InlineData("0198f1f4-5f7a-7c3e-8f21-2f3a4b5c6d7e")]
    [InlineData("The token bucket refills")]
    [InlineData("http://localhost:5432/path")]
    [InlineData("10:30:59 12345:6789")]
    public void An_ordinary_text_is_left_as_it_is(string text) => Assert.Same(text, SensitiveData.Redact(text));

    [Theory]
    [InlineData("password=one password=two bg_live_0123456789")]
    public void Redacting_twice_changes_nothing_more(string text)
    {
        var once = SensitiveData.Redact(text);

        Assert.Equal(once, SensitiveData.Redact(once));
    }
}

using System.Text;
using System.Text.Json;
using BotGeneric.Billing.Paddle;
using Xunit.Abstractions;

namespace BotGeneric.Billing.Tests.Paddle;

public sealed class SharedVectorTests(ITestOutputHelper output)
{
    [Fact]
    public void Every_published_signature_is_judged_right()
    {
        foreach (var file in SharedSamples.Find("signature-vectors.json", output))
        {
            var vectors = JsonDocument.Parse(File.ReadAllBytes(file)).RootElement.GetProperty("vectors").EnumerateArray().ToList();
            output.WriteLine($"{vectors.Count} vectors.");
            Assert.All(vectors, vector =>
            {
                var header = vector.GetProperty("header").GetString();
                var now = vector.GetProperty("now_unix") is { ValueKind: JsonValueKind.Number } at ? at.GetInt64() : 1_698_796_800;
                var verdict = PaddleSignature.Verify(
                    header,
                    Encoding.UTF8.GetBytes(vector.GetProperty("body").GetString()!),
                    [vector.GetProperty("secret").GetString()!],
                    DateTimeOffset.FromUnixTimeSeconds(now),
                    TimeSpan.FromSeconds(5));

                Assert.Equal(vector.GetProperty("sdk_verdict_at_now").ValueKind == JsonValueKind.True, verdict == SignatureVerdict.Valid);
                // Freshness aside, the bytes decide: what is right and late is stale, not wrong.
                Assert.Equal(vector.GetProperty("hmac_valid").GetBoolean(), verdict is SignatureVerdict.Valid or SignatureVerdict.Stale);
            });
        }
    }
}

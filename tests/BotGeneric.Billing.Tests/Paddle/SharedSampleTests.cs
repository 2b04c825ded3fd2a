using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using BotGeneric.Billing.Paddle;
using Xunit.Abstractions;

namespace BotGeneric.Billing.Tests.Paddle;

public sealed class SharedSampleTests(ITestOutputHelper output)
{
    private static readonly Dictionary<string, JsonTypeInfo> Entities = new(StringComparer.Ordinal)
    {
        ["subscription"] = PaddleJson.Default.PaddleSubscription,
        ["transaction"] = PaddleJson.Default.PaddleTransaction,
        ["adjustment"] = PaddleJson.Default.PaddleAdjustment,
        ["customer"] = PaddleJson.Default.PaddleCustomer,
        ["product"] = PaddleJson.Default.PaddleProduct,
        ["price"] = PaddleJson.Default.PaddlePrice,
        ["payment_method"] = PaddleJson.Default.PaddlePaymentMethod,
    };

    private static readonly (string Prefix, JsonTypeInfo Type)[] Answers =
    [
        ("list-subscriptions__", PaddleJson.Default.PaddleSubscription), ("get-subscription__", PaddleJson.Default.PaddleSubscription),
        ("cancel-subscription__", PaddleJson.Default.PaddleSubscription), ("pause-subscription__", PaddleJson.Default.PaddleSubscription),
        ("resume-subscription__", PaddleJson.Default.PaddleSubscription), ("activate-subscription__", PaddleJson.Default.PaddleSubscription),
        ("update-subscription__", PaddleJson.Default.PaddleSubscription),
        ("preview-subscription-update__", PaddleJson.Default.PaddleSubscriptionPreview),
        ("list-transactions__", PaddleJson.Default.PaddleTransaction), ("get-transaction__", PaddleJson.Default.PaddleTransaction),
        ("create-transaction__", PaddleJson.Default.PaddleTransaction),
        ("get-subscription-update-payment-method-transaction__", PaddleJson.Default.PaddleTransaction),
        ("get-transaction-invoice__", PaddleJson.Default.PaddleDocument),
        ("list-adjustments__", PaddleJson.Default.PaddleAdjustment), ("create-adjustment__", PaddleJson.Default.PaddleAdjustment),
        ("list-customers__", PaddleJson.Default.PaddleCustomer), ("create-customer__", PaddleJson.Default.PaddleCustomer),
        ("list-customer-payment-methods__", PaddleJson.Default.PaddlePaymentMethod),
        ("create-customer-portal-session__", PaddleJson.Default.PaddlePortalSession),
        ("list-products__", PaddleJson.Default.PaddleProduct), ("list-prices__", PaddleJson.Default.PaddlePrice),
        ("preview-prices__", PaddleJson.Default.PaddlePricingPreview), ("get-ip-addresses__", PaddleJson.Default.PaddleSourceAddresses),
        ("list-events__", PaddleJson.Default.PaddleEvent),
    ];

    [Fact]
    public void Every_published_notification_is_an_envelope_and_its_entity_can_be_read()
    {
        foreach (var file in SharedSamples.Find("*.json", output, "webhooks"))
        {
            var read = PaddleEvent.TryRead(File.ReadAllBytes(file));

            Assert.True(read is not null, file);
            Assert.Equal(Path.GetFileNameWithoutExtension(file), read.EventType);
            if (Entities.TryGetValue(read.EventType.Split('.')[0], out var type))
            {
                Assert.NotNull(read.Data.Deserialize(type));
            }
        }
    }

    [Fact]
    public void Every_published_answer_of_the_calls_in_use_can_be_read()
    {
        foreach (var file in SharedSamples.Find("*__2*.json", output, "api"))
        {
            foreach (var (_, type) in Answers.Where(answer => Path.GetFileName(file).StartsWith(answer.Prefix, StringComparison.Ordinal)))
            {
                var data = JsonDocument.Parse(File.ReadAllBytes(file)).RootElement.GetProperty("data");
                JsonElement[] entities = data.ValueKind == JsonValueKind.Array ? [.. data.EnumerateArray()] : [data];
                Assert.All(entities, entity => Assert.NotNull(entity.Deserialize(type)));
            }
        }
    }
}

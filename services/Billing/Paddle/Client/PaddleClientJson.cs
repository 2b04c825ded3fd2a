using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace BotGeneric.Billing.Paddle.Client;

/// <summary>What goes to Paddle's API and comes back, by the rules of <see cref="PaddleJson"/>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(PaddleAnswer<List<JsonElement>>))]
[JsonSerializable(typeof(PaddlePaymentMethod))]
[JsonSerializable(typeof(PaddleEvent))]
[JsonSerializable(typeof(PaddleCurrency))]
[JsonSerializable(typeof(PaddleAnswer<PaddleProduct>))]
[JsonSerializable(typeof(PaddleAnswer<PaddlePrice>))]
[JsonSerializable(typeof(PaddleAnswer<PaddleCustomer>))]
[JsonSerializable(typeof(PaddleAnswer<PaddleTransaction>))]
[JsonSerializable(typeof(PaddleAnswer<PaddleSubscription>))]
[JsonSerializable(typeof(PaddleAnswer<PaddleSubscriptionPreview>))]
[JsonSerializable(typeof(PaddleAnswer<PaddleAdjustment>))]
[JsonSerializable(typeof(PaddleAnswer<PaddlePortalSession>))]
[JsonSerializable(typeof(PaddleAnswer<PaddlePricingPreview>))]
[JsonSerializable(typeof(PaddleAnswer<PaddleSourceAddresses>))]
[JsonSerializable(typeof(PaddleAnswer<PaddleDocument>))]
[JsonSerializable(typeof(PaddleErrorAnswer))]
[JsonSerializable(typeof(PaddleProductCreation))]
[JsonSerializable(typeof(PaddleProductChange))]
[JsonSerializable(typeof(PaddlePriceCreation))]
[JsonSerializable(typeof(PaddlePriceChange))]
[JsonSerializable(typeof(PaddleTrialRemoval))]
[JsonSerializable(typeof(PaddlePricingQuestion))]
[JsonSerializable(typeof(PaddleCustomerCreation))]
[JsonSerializable(typeof(PaddleCustomerChange))]
[JsonSerializable(typeof(PaddleTransactionCreation))]
[JsonSerializable(typeof(PaddleTransactionChange))]
[JsonSerializable(typeof(PaddleSubscriptionChange))]
[JsonSerializable(typeof(PaddleScheduledChangeRemoval))]
[JsonSerializable(typeof(PaddlePause))]
[JsonSerializable(typeof(PaddleResume))]
[JsonSerializable(typeof(PaddleCancellation))]
[JsonSerializable(typeof(PaddleAdjustmentCreation))]
[JsonSerializable(typeof(PaddlePortalRequest))]
[JsonSerializable(typeof(PaddleNothing))]
internal sealed partial class PaddleClientJson : JsonSerializerContext
{
    /// <summary>How a type is read and written.</summary>
    /// <exception cref="InvalidOperationException">The type is not among those above.</exception>
    internal static JsonTypeInfo<T> Of<T>() => (JsonTypeInfo<T>?)Default.GetTypeInfo(typeof(T))
        ?? throw new InvalidOperationException($"{typeof(T)} is none of the types of Paddle's API.");
}

using System.Text.Json.Serialization;

namespace BotGeneric.Billing.Paddle;

/// <summary>
/// How Paddle's JSON is read and written: snake_case, unknown members ignored, missing ones absent, enumerations and amounts as strings,
/// times with up to nine fractional digits (kept to 100 nanoseconds: never compare one that went out with the one that came back).
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = false)]
[JsonSerializable(typeof(PaddleEvent))]
[JsonSerializable(typeof(PaddleSubscription))]
[JsonSerializable(typeof(PaddleSubscriptionPreview))]
[JsonSerializable(typeof(PaddleTransaction))]
[JsonSerializable(typeof(PaddleAdjustment))]
[JsonSerializable(typeof(PaddleCustomer))]
[JsonSerializable(typeof(PaddleProduct))]
[JsonSerializable(typeof(PaddlePrice))]
[JsonSerializable(typeof(PaddlePaymentMethod))]
[JsonSerializable(typeof(PaddlePortalSession))]
[JsonSerializable(typeof(PaddlePricingPreview))]
[JsonSerializable(typeof(PaddleCurrency))]
[JsonSerializable(typeof(PaddleSourceAddresses))]
[JsonSerializable(typeof(PaddleDocument))]
internal sealed partial class PaddleJson : JsonSerializerContext;

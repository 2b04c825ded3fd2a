using System.ComponentModel.DataAnnotations;
using BotGeneric.Notifications.Security;

namespace BotGeneric.Notifications.Templates;

/// <summary>Keys under <c>Operator</c>: in whose name messages are written.</summary>
public sealed class OperatorOptions
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "Operator";

    /// <summary>The name that people know the product by.</summary>
    [Required(ErrorMessage = "Operator:Name is empty. Set it to the name that people know the product by.")]
    [MaxLength(100, ErrorMessage = "Operator:Name has more than 100 characters.")]
    public string Name { get; set; } = "Bot-Generic";

    /// <summary>Where people ask for help; named at the end of every message and set as its <c>Reply-To</c>. None: not named.</summary>
    public string? SupportEmail { get; set; }

    /// <summary>
    /// The origin that people reach the product at, such as <c>https://bot.example.com</c>. A message with a link to anywhere else is refused.
    /// Required in the Production environment; elsewhere, without it, links may lead to any http(s) address.
    /// </summary>
    public Uri? PublicUrl { get; set; }
}

internal static class OperatorServices
{
    internal static void AddOperator(this WebApplicationBuilder builder) =>
        builder.Services.AddOptions<OperatorOptions>()
            .BindConfiguration(OperatorOptions.SectionName)
            .ValidateDataAnnotations()
            .Validate(
                options => string.IsNullOrEmpty(options.SupportEmail) || MailAddress.Read(options.SupportEmail) is not null,
                "Operator:SupportEmail is not an e-mail address.")
            .Validate(
                options => options.PublicUrl is null || (options.PublicUrl.IsAbsoluteUri && options.PublicUrl.Scheme is "http" or "https"),
                "Operator:PublicUrl is not an absolute http or https address.")
            .Validate(
                options => options.PublicUrl is not null || !builder.Environment.IsProduction(),
                "Operator:PublicUrl is missing. Set it to the address that people reach the product at, such as https://bot.example.com.")
            .ValidateOnStart();
}

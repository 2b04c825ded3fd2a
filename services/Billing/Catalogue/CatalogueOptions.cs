using System.ComponentModel.DataAnnotations;

namespace BotGeneric.Billing.Catalogue;

/// <summary>Keys under <c>Billing</c> about the provider's catalogue.</summary>
public sealed class CatalogueOptions
{
    /// <summary>
    /// Whether what is not in Paddle's catalogue yet is written there when the service starts, in the background. Only in Development unless it is set: elsewhere
    /// an admin pushes.
    /// </summary>
    public bool? PushCatalogueAtStart { get; set; }

    /// <summary>How new products are taxed; Paddle knows <c>standard</c> and <c>saas</c> without approval.</summary>
    [RegularExpression("^[a-z-]{1,50}$", ErrorMessage = "Billing:TaxCategory must be one of Paddle's tax categories, such as standard or saas.")]
    public string TaxCategory { get; set; } = "standard";
}

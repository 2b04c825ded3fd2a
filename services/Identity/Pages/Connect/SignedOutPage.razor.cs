using Microsoft.AspNetCore.Components;

namespace BotGeneric.Identity.Pages.Connect;

/// <summary>Says that the session is over.</summary>
internal sealed partial class SignedOutPage : ComponentBase;

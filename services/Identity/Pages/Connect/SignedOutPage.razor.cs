using Microsoft.AspNetCore.Components;

namespace BotGeneric.Identity.Pages.Connect;

/// <summary>Says that the session is over.</summary>
public sealed partial class SignedOutPage : ComponentBase;

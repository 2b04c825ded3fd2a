namespace BotGeneric.Simulators.Paddle.State;

/// <summary>A member that Paddle keeps to itself: it is written to the state file, and not into answers and events.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class NotShownAttribute : Attribute;

using System.Text.Json;

namespace BotGeneric.AppHost.Native;

/// <summary>A value from configuration (<c>Parameters:name</c>) or, when there is none, a default.</summary>
public sealed class ParameterResource : Resource, IValueProvider, IManifestExpressionProvider
{
    private readonly Lazy<string> _value;

    /// <summary>Creates a parameter.</summary>
    /// <param name="name">The name, also of its configuration key.</param>
    /// <param name="callback">Finds the value; called once.</param>
    /// <param name="secret">Whether the value must not be shown outside of development.</param>
    public ParameterResource(string name, Func<ParameterDefault?, string> callback, bool secret = false) : base(name)
    {
        Secret = secret;
        _value = new Lazy<string>(() => callback(Default));
    }

    /// <summary>Whether the value must not be shown outside of development.</summary>
    public bool Secret { get; }

    /// <summary>Where the value comes from when it is not configured.</summary>
    public ParameterDefault? Default { get; internal init; }

    internal string Value => _value.Value;

    /// <inheritdoc />
    public string ValueExpression => $"{{{Name}.value}}";

    /// <inheritdoc />
    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) => new(_value.Value);
}

/// <summary>Where a parameter's value comes from when it is not configured.</summary>
public abstract class ParameterDefault
{
    /// <summary>A value.</summary>
    public abstract string GetDefaultValue();

    /// <summary>Describes where the value comes from in a manifest. Aspire writes manifests, this engine does not.</summary>
    /// <param name="context">Where to write.</param>
    public abstract void WriteToManifest(ManifestPublishingContext context);
}

/// <summary>Where a manifest is written. Has what app models that compile against both engines need of Aspire's.</summary>
/// <param name="writer">Writes the JSON.</param>
public sealed class ManifestPublishingContext(Utf8JsonWriter writer)
{
    /// <summary>Writes the JSON.</summary>
    public Utf8JsonWriter Writer { get; } = writer;
}

/// <summary>A fixed value that is no secret.</summary>
/// <param name="value">The value.</param>
internal sealed class ConstantParameterDefault(string value) : ParameterDefault
{
    public override string GetDefaultValue() => value;

    public override void WriteToManifest(ManifestPublishingContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Writer.WriteString("value", value);
    }
}

/// <summary>A random value.</summary>
public sealed class GenerateParameterDefault : ParameterDefault
{
    private const string LowerCase = "abcdefghjkmnpqrstuvwxyz";
    private const string UpperCase = "ABCDEFGHJKMNPQRSTUVWXYZ";
    private const string Digits = "0123456789";
    private const string Specials = "-_.{}~()*+!";

    /// <summary>The least number of characters.</summary>
    public int MinLength { get; set; } = 22;

    /// <summary>Whether lower-case letters may occur.</summary>
    public bool Lower { get; set; } = true;

    /// <summary>Whether upper-case letters may occur.</summary>
    public bool Upper { get; set; } = true;

    /// <summary>Whether digits may occur.</summary>
    public bool Numeric { get; set; } = true;

    /// <summary>Whether punctuation may occur.</summary>
    public bool Special { get; set; } = true;

    /// <inheritdoc />
    public override string GetDefaultValue()
    {
        var alphabet = (Lower ? LowerCase : "") + (Upper ? UpperCase : "") + (Numeric ? Digits : "") + (Special ? Specials : "");
        return alphabet.Length == 0
            ? throw new InvalidOperationException("A generated parameter needs at least one kind of characters.")
            : System.Security.Cryptography.RandomNumberGenerator.GetString(alphabet, MinLength);
    }

    /// <inheritdoc />
    public override void WriteToManifest(ManifestPublishingContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Writer.WriteStartObject("generate");
        context.Writer.WriteNumber("minLength", MinLength);
        context.Writer.WriteBoolean("lower", Lower);
        context.Writer.WriteBoolean("upper", Upper);
        context.Writer.WriteBoolean("numeric", Numeric);
        context.Writer.WriteBoolean("special", Special);
        context.Writer.WriteEndObject();
    }
}

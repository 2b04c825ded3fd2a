using System.Runtime.CompilerServices;
using System.Text;

namespace BotGeneric.AppHost.Native;

/// <summary>Text with values in it that are known once the application runs.</summary>
public sealed class ReferenceExpression : IValueProvider, IManifestExpressionProvider
{
    private readonly IReadOnlyList<object> _parts;

    private ReferenceExpression(IReadOnlyList<object> parts) => _parts = parts;

    /// <inheritdoc />
    public string ValueExpression => string.Concat(_parts.Select(part => part is IManifestExpressionProvider named ? named.ValueExpression : part));

    /// <summary>Makes an expression of an interpolated string: <c>ReferenceExpression.Create($"{endpoint}/path")</c>.</summary>
    public static ReferenceExpression Create(in ExpressionInterpolatedStringHandler handler) => new(handler.Parts);

    /// <inheritdoc />
    public async ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default)
    {
        var text = new StringBuilder();
        foreach (var part in _parts)
        {
            text.Append(part is IValueProvider value ? await value.GetValueAsync(cancellationToken) : part);
        }

        return text.ToString();
    }

    /// <summary>Collects the parts of an interpolated string.</summary>
    [InterpolatedStringHandler]
    public readonly ref struct ExpressionInterpolatedStringHandler
    {
        /// <summary>Called by the compiler.</summary>
        public ExpressionInterpolatedStringHandler(int literalLength, int formattedCount) => Parts = new List<object>(formattedCount + 1);

        internal List<object> Parts { get; }

        /// <summary>Called by the compiler for text.</summary>
        public void AppendLiteral(string value) => Parts.Add(value);

        /// <summary>Called by the compiler for a string.</summary>
        public void AppendFormatted(string? value) => Parts.Add(value ?? "");

        /// <summary>Called by the compiler for a value that is known later.</summary>
        public void AppendFormatted<T>(T valueProvider) where T : IValueProvider, IManifestExpressionProvider => Parts.Add(valueProvider);

        /// <summary>Called by the compiler for a resource that is itself a value.</summary>
        public void AppendFormatted<T>(IResourceBuilder<T> valueProvider) where T : IResource, IValueProvider, IManifestExpressionProvider =>
            Parts.Add(valueProvider.Resource);
    }
}

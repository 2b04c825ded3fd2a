using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BotGeneric.Identity.Access;

/// <summary>Why something is not done: an expected failure, told in the same words by the API and by a page.</summary>
/// <param name="Status">The HTTP status that says it.</param>
/// <param name="Code">The key of its text.</param>
/// <param name="Field">The field at fault, in camelCase; null: none in particular.</param>
/// <param name="Values">What the places of the text are filled with.</param>
/// <param name="RetryAfter">When it may work; null: not by waiting.</param>
public sealed record Refusal(int Status, string Code, string? Field = null, object[]? Values = null, TimeSpan? RetryAfter = null)
{
    /// <summary>400 for a field.</summary>
    /// <param name="field">The field, in camelCase.</param>
    /// <param name="code">The key of the text.</param>
    /// <param name="values">What its places are filled with.</param>
    public static Refusal Invalid(string field, string code, params object[] values) => new(StatusCodes.Status400BadRequest, code, field, values);

    /// <summary>403: one may see it, and may not do this.</summary>
    /// <param name="code">The key of the text.</param>
    public static Refusal Forbidden(string code) => new(StatusCodes.Status403Forbidden, code);

    /// <summary>404: there is none, or none that the caller may see.</summary>
    /// <param name="code">The key of the text.</param>
    public static Refusal NotFound(string code) => new(StatusCodes.Status404NotFound, code);

    /// <summary>409: the present state is against it.</summary>
    /// <param name="code">The key of the text.</param>
    /// <param name="values">What its places are filled with.</param>
    public static Refusal Conflict(string code, params object[] values) => new(StatusCodes.Status409Conflict, code, Values: values);

    /// <summary>What else is wrong; empty unless several fields are.</summary>
    public IReadOnlyList<Refusal> Others { get; private init; } = [];

    /// <summary>This and everything else that is wrong.</summary>
    public IEnumerable<Refusal> All => Others.Prepend(this);

    /// <summary>One refusal for everything that is wrong with the fields of a form, so that nobody mends them one after the other.</summary>
    /// <param name="found">What was found; null where nothing is wrong.</param>
    /// <returns>Null when nothing is wrong.</returns>
    public static Refusal? Together(params IEnumerable<Refusal?> found)
    {
        var wrong = found.OfType<Refusal>().ToList();
        // What is about no field cannot be mended in the form, and is told when the fields are right.
        var fields = wrong.FindAll(refusal => refusal.Field is not null);
        return fields.Count == 0 ? wrong.FirstOrDefault() : fields[0] with { Others = [.. fields.Skip(1)] };
    }

    /// <summary>What is wrong with a field, in words; null: nothing.</summary>
    /// <param name="field">The field, in camelCase.</param>
    /// <param name="texts">The texts of the feature, by key.</param>
    public string? ErrorOf(string field, Func<string, string> texts) => All.FirstOrDefault(refusal => refusal.Field == field)?.Words(texts);

    /// <summary>The words.</summary>
    /// <param name="texts">The texts of the feature, by key.</param>
    public string Words(Func<string, string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return string.Format(CultureInfo.CurrentCulture, texts($"refusal.{Code}"), Values ?? []);
    }

    /// <summary>The problem that the API answers with.</summary>
    /// <param name="texts">The texts of the feature, by key.</param>
    /// <param name="context">The request; gets <c>Retry-After</c> where waiting helps.</param>
    public ProblemHttpResult Problem(Func<string, string> texts, HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (RetryAfter is { } wait)
        {
            context.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        }

        return Field is null
            ? ApiProblems.Problem(Status, Words(texts))
            : ApiProblems.Invalid(All.GroupBy(refusal => refusal.Field!).ToDictionary(field => field.Key, field => field.Select(refusal => refusal.Words(texts)).ToArray()));
    }
}

/// <summary>What came of something: a value, or why not.</summary>
/// <typeparam name="T">The value.</typeparam>
public sealed class Outcome<T>
    where T : class
{
    private Outcome(T? value, Refusal? refusal)
    {
        Value = value;
        Refusal = refusal;
    }

    /// <summary>The value; null when it was refused.</summary>
    public T? Value { get; }

    /// <summary>Why not; null when it was done.</summary>
    public Refusal? Refusal { get; }

    /// <summary>Whether it was done.</summary>
    [MemberNotNullWhen(true, nameof(Value))]
    [MemberNotNullWhen(false, nameof(Refusal))]
    public bool IsDone => Refusal is null;

    /// <summary>It was done.</summary>
    /// <param name="value">The value.</param>
    public static implicit operator Outcome<T>(T value) => new(value, null);

    /// <summary>It was refused.</summary>
    /// <param name="refusal">Why.</param>
    public static implicit operator Outcome<T>(Refusal refusal) => new(null, refusal);
}

/// <summary>Nothing to tell beyond that it was done.</summary>
public sealed class Done
{
    private Done()
    {
    }

    /// <summary>The only one.</summary>
    public static Done Instance { get; } = new();
}

using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Claims;
using BotGeneric.Contracts;
using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Decisions;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BotGeneric.Policy.Api;

/// <summary>Reads what callers send: every mistake is named, with what to send instead.</summary>
internal static class DecisionRequests
{
    private const int MaximumNameLength = 100;
    private const int MaximumMeters = 20;

    /// <summary>The account that a request is about. Services and those who run the system name it; for everybody else it is their own.</summary>
    internal static bool TryReadAccount(Caller caller, ClaimsPrincipal user, Guid? subject, out Guid account, [NotNullWhen(false)] out ProblemHttpResult? problem)
    {
        // Whoever keeps sums keeps those of everybody under it.
        if (subject == Guid.Empty)
        {
            (account, problem) = (Guid.Empty, ApiProblems.Invalid("subject", "Name the id of an account; the nil UUID is nobody's."));
            return false;
        }

        if (caller.IsService && subject is { } named)
        {
            (account, problem) = (named, null);
            return true;
        }

        var access = AccountAccess.Read(user, subject);
        (account, problem) = (access.Account, access.Problem);
        return access.IsGranted;
    }

    /// <summary>Reads a question.</summary>
    /// <param name="request">As sent.</param>
    /// <param name="user">Who sent it.</param>
    /// <param name="options">Times.</param>
    /// <param name="problem">What is wrong; null when nothing is.</param>
    internal static DecisionRequest? Read(AuthorizeRequest request, ClaimsPrincipal user, DecisionOptions options, out ProblemHttpResult? problem)
    {
        var caller = Caller.Of(user);
        if (!TryReadAccount(caller, user, request.Subject, out var account, out problem))
        {
            return null;
        }

        var mayName = caller.IsService || caller.IsAdmin;
        if (!mayName && ((request.User is not null && request.User != caller.UserId) || (request.ApiKey is not null && request.ApiKey != caller.KeyId)))
        {
            problem = ApiProblems.Invalid("user", "Only services name the person and the key; leave both out.");
            return null;
        }

        // Somebody's own account is theirs also when a service asks and names nobody else.
        var person = mayName && request.Subject is not null ? request.User ?? (account == caller.AccountId ? caller.UserId : null) : caller.UserId;
        var key = mayName && request.Subject is not null ? request.ApiKey : caller.KeyId;
        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        Name(errors, "feature", request.Feature, isRequired: true);
        if (errors.Count == 0 && !options.Knows(request.Feature))
        {
            errors["feature"] = [$"There is no feature of this name. There are: {string.Join(", ", options.Features)}."];
        }

        Name(errors, "model", request.Model);
        Name(errors, "channel", request.Channel);
        Name(errors, "apiKey", key);
        var amounts = Amounts(errors, request.Estimate ?? new Estimate(), request.Minimum, defaultRequests: 1);
        var lifetime = Lifetime(errors, request.TtlSeconds, options);
        if (errors.Count > 0)
        {
            problem = ApiProblems.Invalid(errors);
            return null;
        }

        return new DecisionRequest(new PolicySubject(account, person, key), request.Feature, request.Model, request.Channel, amounts, lifetime) { IsOfOperator = mayName };
    }

    /// <summary>Reads amounts with what is enough of each.</summary>
    internal static List<UnitAmount> Amounts(Dictionary<string, string[]> errors, Estimate? estimate, Estimate? minimum, long? defaultRequests)
    {
        var needs = Read(errors, "estimate", estimate, defaultRequests);
        if (minimum is null)
        {
            return needs;
        }

        foreach (var least in Read(errors, "minimum", minimum, null))
        {
            var index = AuthorizeScript.IndexOf(needs, least.Unit);
            if (index < 0 || least.Need > needs[index].Need)
            {
                errors["minimum"] = [$"The minimum of {least.Unit} is more than its estimate. Name an estimate that is at least as much."];
            }
            else
            {
                needs[index] = needs[index] with { Minimum = least.Need };
            }
        }

        return needs;
    }

    /// <summary>Reads amounts.</summary>
    internal static List<UnitAmount> Read(Dictionary<string, string[]> errors, string path, Estimate? estimate, long? defaultRequests)
    {
        var amounts = new List<UnitAmount>(4);
        if (estimate is null)
        {
            return amounts;
        }

        Add(errors, amounts, path, "requests", Contracts.Meters.Requests, estimate.Requests ?? defaultRequests);
        Add(errors, amounts, path, "inputTokens", Contracts.Meters.InputTokens, estimate.InputTokens);
        Add(errors, amounts, path, "outputTokens", Contracts.Meters.OutputTokens, estimate.OutputTokens);
        if (estimate.Cost is { } cost)
        {
            AddMoney(errors, amounts, path, cost);
        }

        if (estimate.Meters is null)
        {
            return amounts;
        }

        if (estimate.Meters.Count > MaximumMeters)
        {
            errors[$"{path}.meters"] = [$"Name at most {MaximumMeters} meters."];
            return amounts;
        }

        foreach (var (meter, amount) in estimate.Meters)
        {
            if (meter.Length is 0 or > MaximumNameLength || HasControls(meter) || Units.IsMoney(meter) || Meters.All.Contains(meter))
            {
                errors[$"{path}.meters"] = ["Name meters that the operator has defined; requests, tokens and cost have members of their own."];
            }
            else
            {
                Add(errors, amounts, $"{path}.meters", meter, meter, amount);
            }
        }

        return amounts;
    }

    /// <summary>Reads how long a hold lasts.</summary>
    internal static TimeSpan Lifetime(Dictionary<string, string[]> errors, int? seconds, DecisionOptions options)
    {
        if (seconds is { } asked && (asked < 1 || asked > options.LongestHold.TotalSeconds))
        {
            errors["ttlSeconds"] = [$"Send 1 to {options.LongestHold.TotalSeconds:0}; a hold can be extended while it runs."];
        }

        return seconds is { } given ? TimeSpan.FromSeconds(given) : options.HoldLifetime;
    }

    /// <summary>Checks the id of an event.</summary>
    internal static void EventId(Dictionary<string, string[]> errors, string? eventId)
    {
        if (eventId is { Length: 0 or > 200 } || HasControls(eventId))
        {
            errors["eventId"] = ["Send 1 to 200 characters without control characters."];
        }
    }

    private static void Add(Dictionary<string, string[]> errors, List<UnitAmount> amounts, string path, string member, string unit, long? amount)
    {
        if (amount is not { } value)
        {
            return;
        }

        if (value is < 0 or > CompiledLimit.LargestAmount)
        {
            errors[$"{path}.{member}"] = [string.Create(CultureInfo.InvariantCulture, $"Send a whole number from 0 to {CompiledLimit.LargestAmount}.")];
            return;
        }

        amounts.Add(new UnitAmount(unit, value, value));
    }

    private static void AddMoney(Dictionary<string, string[]> errors, List<UnitAmount> amounts, string path, MoneyAmount cost)
    {
        if (!Iso4217.IsCurrency(cost.Currency))
        {
            errors[$"{path}.cost.currency"] = ["Send the ISO 4217 code of a currency that is in use, such as \"USD\"."];
        }
        else if (Compilation.Amounts.Read(LimitKind.Budget, cost.Amount, out var amount) is { } wrong)
        {
            errors[$"{path}.cost.amount"] = [wrong];
        }
        else
        {
            amounts.Add(new UnitAmount(cost.Currency, amount, amount));
        }
    }

    private static void Name(Dictionary<string, string[]> errors, string path, string? name, bool isRequired = false)
    {
        if ((isRequired && string.IsNullOrEmpty(name)) || name is { Length: > MaximumNameLength } || HasControls(name))
        {
            errors[path] = [$"Send 1 to {MaximumNameLength} characters without control characters."];
        }
    }

    private static bool HasControls(string? text)
    {
        foreach (var character in text ?? string.Empty)
        {
            if (char.IsControl(character) || char.IsSurrogate(character))
            {
                return true;
            }
        }

        return false;
    }
}

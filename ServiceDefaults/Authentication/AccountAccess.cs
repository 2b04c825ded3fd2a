using System.Diagnostics.CodeAnalysis;
using System.Security.Claims;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BotGeneric.ServiceDefaults.Authentication;

/// <summary>
/// The account that a request is about. One's own, which is the organization in whose name one acts, else oneself; those who run the
/// system may name another. For everybody else another account is the same 404 whether it exists or not.
/// </summary>
public sealed class AccountAccess
{
    private AccountAccess(Guid account, ProblemHttpResult? problem)
    {
        Account = account;
        Problem = problem;
    }

    /// <summary>The account, to be part of the query.</summary>
    public Guid Account { get; }

    /// <summary>The answer to give instead.</summary>
    public ProblemHttpResult? Problem { get; }

    /// <summary>Whether the request may go on.</summary>
    [MemberNotNullWhen(false, nameof(Problem))]
    public bool IsGranted => Problem is null;

    /// <summary>Decides about a request that may name an account.</summary>
    /// <param name="user">The request's user.</param>
    /// <param name="account">The account that was named; null: one's own.</param>
    public static AccountAccess Read(ClaimsPrincipal user, Guid? account)
    {
        var caller = Caller.Of(user);
        return (account ?? caller.AccountId) switch
        {
            null => new AccountAccess(Guid.Empty, ApiProblems.Invalid("account", "Name the account: this token stands for no person.")),
            { } asked when asked == caller.AccountId || caller.IsAdmin => new AccountAccess(asked, null),
            { } asked => new AccountAccess(Guid.Empty, ApiProblems.NotFound($"There is no account {asked} that this token may see.")),
        };
    }
}

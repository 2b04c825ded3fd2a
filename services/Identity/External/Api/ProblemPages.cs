using BotGeneric.Identity.Domain;
using BotGeneric.Identity.Pages.Links;
using BotGeneric.WebUi.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BotGeneric.Identity.External.Api;

/// <summary>The page of each problem.</summary>
internal static class ProblemPages
{
    /// <summary>Shows a problem and where to go from it.</summary>
    /// <param name="problem">The problem.</param>
    /// <param name="provider">The provider.</param>
    /// <param name="purpose">What was tried.</param>
    /// <param name="returnUrl">Where it was to lead: a path of ours.</param>
    internal static RazorComponentResult Show(
        ExternalProblem problem, string provider, SignInPurpose purpose = SignInPurpose.SignIn, string? returnUrl = null)
    {
        var wanted = returnUrl is null ? string.Empty : $"?returnUrl={Uri.EscapeDataString(returnUrl)}";
        var (action, path) = (problem, purpose) switch
        {
            (ExternalProblem.EmailKnown, _) => ("sign-in", $"/login?returnUrl={Uri.EscapeDataString(ExternalFlow.PendingPath)}"),
            (ExternalProblem.SignedOut, _) => ("sign-in", $"/login?returnUrl={Uri.EscapeDataString(returnUrl ?? ExternalFlow.LinksPath)}"),
            (_, SignInPurpose.Link) => ("links", ExternalFlow.LinksPath),
            (_, SignInPurpose.Confirm) => ("again", $"/account/confirm{wanted}"),
            _ => ("again", $"/login{wanted}"),
        };
        return PageEndpoints.Page<ExternalProblemPage, ExternalProblemModel>(
            new ExternalProblemModel(KeyOf(problem), LinksTexts.NameOf(provider), action, path), StatusOf(problem));
    }

    internal static string KeyOf(ExternalProblem problem) => problem switch
    {
        ExternalProblem.Cancelled => "cancelled",
        ExternalProblem.ProviderFailed => "provider-failed",
        ExternalProblem.Expired => "expired",
        ExternalProblem.Replayed => "replayed",
        ExternalProblem.WrongBrowser => "wrong-browser",
        ExternalProblem.SignedOut => "signed-out",
        ExternalProblem.Taken => "taken",
        ExternalProblem.TwoAccounts => "two-accounts",
        ExternalProblem.AnotherLinked => "another-linked",
        ExternalProblem.EmailKnown => "email-known",
        ExternalProblem.WrongPerson => "wrong-person",
        ExternalProblem.NotRecent => "not-recent",
        ExternalProblem.InvalidProof => "invalid-proof",
        ExternalProblem.StaleProof => "stale-proof",
        ExternalProblem.LastMethod => "last-method",
        ExternalProblem.CannotMerge => "cannot-merge",
        _ => throw new ArgumentOutOfRangeException(nameof(problem), problem, null),
    };

    private static int StatusOf(ExternalProblem problem) => problem switch
    {
        ExternalProblem.ProviderFailed => StatusCodes.Status502BadGateway,
        ExternalProblem.Taken or ExternalProblem.TwoAccounts or ExternalProblem.AnotherLinked or ExternalProblem.EmailKnown
            or ExternalProblem.WrongPerson or ExternalProblem.LastMethod or ExternalProblem.CannotMerge => StatusCodes.Status409Conflict,
        _ => StatusCodes.Status400BadRequest,
    };
}

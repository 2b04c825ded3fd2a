namespace BotGeneric.Identity.External;

/// <summary>Why a sign-in with another provider, or a link, did not happen. Each has a page with words of its own.</summary>
internal enum ExternalProblem
{
    /// <summary>The person changed their mind at the provider.</summary>
    Cancelled,

    /// <summary>The provider cannot be reached, or what it said does not hold.</summary>
    ProviderFailed,

    /// <summary>The attempt is too old or unknown.</summary>
    Expired,

    /// <summary>The attempt was used already.</summary>
    Replayed,

    /// <summary>The answer came to another browser than the one that began.</summary>
    WrongBrowser,

    /// <summary>The session in which it began is over.</summary>
    SignedOut,

    /// <summary>The identity belongs to another account.</summary>
    Taken,

    /// <summary>The provider's two ids belong to two accounts, or to another identity.</summary>
    TwoAccounts,

    /// <summary>The account has another identity of this provider.</summary>
    AnotherLinked,

    /// <summary>There is an account with the address.</summary>
    EmailKnown,

    /// <summary>Somebody else than the person who is signed in was confirmed.</summary>
    WrongPerson,

    /// <summary>The provider says that the person signed in there long ago.</summary>
    NotRecent,

    /// <summary>The signed data is not valid.</summary>
    InvalidProof,

    /// <summary>The signed data is too old.</summary>
    StaleProof,

    /// <summary>The link is the last way in.</summary>
    LastMethod,

    /// <summary>The identity belongs to another account, and the two cannot become one: one is locked, being deleted or of those who run the system.</summary>
    CannotMerge,
}

namespace BotGeneric.Billing.Paddle.Edge;

/// <summary>Why a delivery is not taken.</summary>
internal enum PaddleRefusal
{
    /// <summary>No signature of the documented form.</summary>
    Malformed,

    /// <summary>Signed too long ago or ahead.</summary>
    Stale,

    /// <summary>Signed by nobody that we know.</summary>
    Mismatch,

    /// <summary>Signed, and no notification.</summary>
    InvalidBody,

    /// <summary>More than any notification has.</summary>
    TooLarge,

    /// <summary>From an address that Paddle does not name.</summary>
    SourceAddress,

    /// <summary>From an address that cannot be on the internet: whose it is was not handed on by the proxy in front.</summary>
    SourceHidden,

    /// <summary>A rehearsal, where people pay.</summary>
    Rehearsal,
}

/// <summary>What each refusal is called, answered with and put right by.</summary>
internal static class PaddleRefusals
{
    /// <summary>The name in metrics and logs.</summary>
    internal static string NameOf(PaddleRefusal refusal) => refusal switch
    {
        PaddleRefusal.Malformed => "malformed",
        PaddleRefusal.Stale => "stale",
        PaddleRefusal.Mismatch => "mismatch",
        PaddleRefusal.InvalidBody => "invalid_body",
        PaddleRefusal.TooLarge => "too_large",
        PaddleRefusal.SourceAddress => "source_address",
        PaddleRefusal.SourceHidden => "source_hidden",
        _ => "rehearsal",
    };

    /// <summary>What to tell whoever sent it. None of it is 2xx: Paddle then repeats what was genuine, for three days.</summary>
    internal static (int Status, string Detail) AnswerTo(PaddleRefusal refusal) => refusal switch
    {
        PaddleRefusal.Malformed => (StatusCodes.Status401Unauthorized, $"Send the header {PaddleSignature.HeaderName} as 'ts=<unix seconds>;h1=<64 hexadecimal digits>'."),
        PaddleRefusal.Stale => (StatusCodes.Status401Unauthorized, "The signature's time is too far from ours. Sign again with the present time; check both clocks."),
        PaddleRefusal.Mismatch => (StatusCodes.Status401Unauthorized, "No signature in the header matches this body under a configured secret."),
        PaddleRefusal.InvalidBody => (StatusCodes.Status400BadRequest, "The body is no Paddle notification: event_id, event_type, occurred_at and data are required."),
        PaddleRefusal.TooLarge => (StatusCodes.Status413PayloadTooLarge, "The body is larger than any notification."),
        PaddleRefusal.Rehearsal => (StatusCodes.Status403Forbidden, "Rehearsals are not taken where people pay."),
        _ => (StatusCodes.Status403Forbidden, "Notifications are taken from Paddle's own addresses only."),
    };

    /// <summary>What an operator looks at first.</summary>
    internal static string HintFor(PaddleRefusal refusal) => refusal switch
    {
        PaddleRefusal.Stale => "compare this machine's clock with a time server, then Paddle:SignatureTolerance",
        PaddleRefusal.Mismatch => "compare Paddle:WebhookSecrets with the destination in Paddle, and that nothing on the way changes bodies",
        PaddleRefusal.SourceHidden => "let the proxies in front hand on the client's address (ForwardedHeaders), or set Paddle:VerifySourceAddress to false",
        PaddleRefusal.SourceAddress => "somebody else, or Paddle's addresses are of the other Paddle:Environment",
        PaddleRefusal.Rehearsal => "somebody rehearses against this destination in Paddle",
        _ => "somebody else, or something on the way changes requests",
    };
}

namespace BotGeneric.Simulators.Paddle.Api;

/// <summary>An error as Paddle documents it.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Code">The name of the error.</param>
/// <param name="Detail">What is wrong.</param>
/// <param name="Errors">The fields at fault; null when it is none in particular.</param>
internal sealed record Refusal(int Status, string Code, string Detail, IReadOnlyList<FieldError>? Errors = null)
{
    /// <summary><c>api_error</c> for what is not the caller's fault.</summary>
    public string Type => Status >= StatusCodes.Status500InternalServerError || Status == StatusCodes.Status429TooManyRequests ? "api_error" : "request_error";

    public static Refusal NotFound(string id) => new(StatusCodes.Status404NotFound, "not_found", $"Entity {id} not found");

    public static Refusal BadRequest(string code, string detail) => new(StatusCodes.Status400BadRequest, code, detail);

    public static Refusal Conflict(string code, string detail) => new(StatusCodes.Status409Conflict, code, detail);

    public static Refusal Invalid(params IReadOnlyList<FieldError> errors) =>
        new(StatusCodes.Status400BadRequest, "invalid_field", "Request does not pass validation.", errors);

    public static Refusal Invalid(string field, string message) => Invalid(new FieldError(field, message));

    public static Refusal NotSimulated(string what) =>
        new(StatusCodes.Status501NotImplemented, "not_implemented", $"{what} is something that Paddle does and this simulator does not.");
}

/// <summary>What is wrong with a field.</summary>
/// <param name="Field">Its name, with its path.</param>
/// <param name="Message">What is wrong.</param>
internal sealed record FieldError(string Field, string Message);

using System.Text.Json;
using System.Text.Json.Nodes;
using BotGeneric.Simulators.Paddle.State;

namespace BotGeneric.Simulators.Paddle.Api;

/// <summary>What a call answers: data, a page of data, or an error.</summary>
internal sealed class Answer : IResult
{
    private readonly JsonNode? _data;
    private readonly Refusal? _refusal;
    private readonly PageInfo? _page;

    private Answer(int status, JsonNode? data, Refusal? refusal, PageInfo? page) => (Status, _data, _refusal, _page) = (status, data, refusal, page);

    public int Status { get; }

    public static Answer Ok(JsonNode data) => new(StatusCodes.Status200OK, data, null, null);

    public static Answer Ok<T>(T entity)
        where T : class, IEntity => Ok(PaddleJson.Of(entity));

    public static Answer Created<T>(T entity)
        where T : class, IEntity => new(StatusCodes.Status201Created, PaddleJson.Of(entity), null, null);

    public static Answer Created(JsonNode data) => new(StatusCodes.Status201Created, data, null, null);

    public static Answer Accepted(JsonNode data) => new(StatusCodes.Status202Accepted, data, null, null);

    public static Answer Page(JsonArray data, PageInfo page) => new(StatusCodes.Status200OK, data, null, page);

    public static implicit operator Answer(Refusal refusal) => new(refusal.Status, null, refusal, null);

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var meta = new JsonObject { ["request_id"] = Guid.NewGuid().ToString() };
        var body = new JsonObject();
        if (_refusal is { } refusal)
        {
            var error = new JsonObject
            {
                ["type"] = refusal.Type,
                ["code"] = refusal.Code,
                ["detail"] = refusal.Detail,
                ["documentation_url"] = $"https://developer.paddle.com/errors/{Group(refusal.Code)}/{refusal.Code}",
            };
            if (refusal.Errors is { } errors)
            {
                error["errors"] = new JsonArray([.. errors.Select(field => new JsonObject { ["field"] = field.Field, ["message"] = field.Message })]);
            }

            body["error"] = error;
        }
        else
        {
            body["data"] = _data;
        }

        if (_page is { } page)
        {
            meta["pagination"] = new JsonObject
            {
                ["per_page"] = page.PerPage,
                ["next"] = page.Next,
                ["has_more"] = page.HasMore,
                ["estimated_total"] = page.EstimatedTotal,
            };
        }

        body["meta"] = meta;
        httpContext.Response.StatusCode = Status;
        httpContext.Response.ContentType = "application/json";
        return httpContext.Response.WriteAsync(body.ToJsonString(JsonSerializerOptions.Default), httpContext.RequestAborted);
    }

    private static string Group(string code) => code.Split('_')[0] switch
    {
        "subscription" => "subscriptions",
        "transaction" => "transactions",
        "adjustment" => "adjustments",
        "customer" => "customers",
        "price" => "prices",
        "product" => "products",
        "notification" => "notifications",
        _ => "shared",
    };
}

/// <summary>Which page of a list it is.</summary>
/// <param name="PerPage">How many are on a page.</param>
/// <param name="Next">The address of the next page; always there, also when that page is empty.</param>
/// <param name="HasMore">Whether it is not.</param>
/// <param name="EstimatedTotal">How many there are.</param>
internal sealed record PageInfo(int PerPage, string Next, bool HasMore, int EstimatedTotal);

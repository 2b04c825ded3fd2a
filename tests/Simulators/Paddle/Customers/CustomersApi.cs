using BotGeneric.Simulators.Paddle.Api;
using BotGeneric.Simulators.Paddle.Notifications;
using BotGeneric.Simulators.Paddle.State;

namespace BotGeneric.Simulators.Paddle.Customers;

/// <summary><c>/customers</c>, with addresses and kept cards.</summary>
/// <param name="world">Keeps them.</param>
/// <param name="directory">Registers them.</param>
/// <param name="events">Tells of them.</param>
internal sealed class CustomersApi(PaddleWorld world, CustomerDirectory directory, EventLog events)
{
    private static readonly string[] States = [Statuses.Active, Statuses.Archived];

    public void Map(PaddleRoutes routes)
    {
        routes.Get("/customers", List);
        routes.Post("/customers", Create);
        routes.Get("/customers/{id}", call => world.Customers.TryFind(call.Id, out var customer) ? Answer.Ok(customer) : Refusal.NotFound(call.Id));
        routes.Patch("/customers/{id}", Change);
        routes.Get("/customers/{id}/addresses", ListAddresses);
        routes.Post("/customers/{id}/addresses", CreateAddress);
        routes.Get("/customers/{id}/payment-methods", ListPaymentMethods);
    }

    private Answer List(PaddleCall call)
    {
        var (ids, emails, statuses, search) = (call.Query.Values("id"), call.Query.Values("email"), call.Query.Values("status") ?? [Statuses.Active], call.Query.Values("search"));
        return call.Query.Page(
            world.Customers.All.Where(customer => call.Query.Passes(ids, customer.Id) && call.Query.Passes(statuses, customer.Status)
                && (emails is null || emails.Contains(customer.Email, StringComparer.OrdinalIgnoreCase))
                && (search is null || search.Any(word => customer.Id == word || customer.Email.Contains(word, StringComparison.OrdinalIgnoreCase)
                    || customer.Name?.Contains(word, StringComparison.OrdinalIgnoreCase) == true))),
            PaddleJson.Of);
    }

    private Answer Create(PaddleCall call)
    {
        var body = call.Body;
        var (email, name, locale, custom) = (body.Text("email", 320, required: true), body.Text("name", 1024), body.Text("locale", 35), body.CustomData());
        CheckEmail(body, email);
        if (body.Refuse() is { } refusal)
        {
            return refusal;
        }

        return directory.FindByEmail(email!) is { } known
            ? Refusal.Conflict("customer_already_exists", $"customer email conflicts with customer of id {known.Id}")
            : Answer.Created(directory.Add(email!, name, locale, custom));
    }

    private Answer Change(PaddleCall call)
    {
        if (!world.Customers.TryFind(call.Id, out var customer))
        {
            return Refusal.NotFound(call.Id);
        }

        var body = call.Body;
        var (email, name, locale, custom) = (body.Text("email", 320), body.Text("name", 1024), body.Text("locale", 35), body.CustomData());
        var status = body.OneOf("status", States);
        if (body.Has("email"))
        {
            CheckEmail(body, email);
        }

        if (body.Refuse() is { } refusal)
        {
            return refusal;
        }

        if (email is not null && directory.FindByEmail(email) is { } other && other != customer)
        {
            return Refusal.Conflict("customer_already_exists", $"customer email conflicts with customer of id {other.Id}");
        }

        (customer.Email, customer.Locale, customer.Status) = (email ?? customer.Email, locale ?? customer.Locale, status ?? customer.Status);
        customer.Name = body.Has("name") ? name : customer.Name;
        customer.CustomData = body.Has("custom_data") ? custom : customer.CustomData;
        customer.UpdatedAt = world.Clock.Stamp();
        events.Emit("customer.updated", PaddleJson.Of(customer));
        return Answer.Ok(customer);
    }

    private Answer ListAddresses(PaddleCall call)
    {
        if (world.Customers.Find(call.Id) is null)
        {
            return Refusal.NotFound(call.Id);
        }

        var statuses = call.Query.Values("status") ?? [Statuses.Active];
        return call.Query.Page(
            world.Addresses.All.Where(address => address.CustomerId == call.Id && call.Query.Passes(statuses, address.Status)), PaddleJson.Of);
    }

    private Answer CreateAddress(PaddleCall call)
    {
        if (!world.Customers.TryFind(call.Id, out var customer))
        {
            return Refusal.NotFound(call.Id);
        }

        var body = call.Body;
        var (country, postalCode) = (body.Text("country_code", 2, required: true), body.Text("postal_code", 200));
        var (description, first, second, city, region) =
            (body.Text("description", 1024), body.Text("first_line", 1024), body.Text("second_line", 1024), body.Text("city", 200), body.Text("region", 200));
        var custom = body.CustomData();
        if (country is not null and not [>= 'A' and <= 'Z', >= 'A' and <= 'Z'])
        {
            body.Error("country_code", "must be an ISO 3166-1 alpha-2 code");
        }

        if (body.Refuse() is { } refusal)
        {
            return refusal;
        }

        var now = world.Clock.Stamp();
        var address = world.Addresses.Add(new Address
        {
            Id = world.Ids.New("add"),
            CustomerId = customer.Id,
            CountryCode = country!,
            PostalCode = postalCode,
            Description = description,
            FirstLine = first,
            SecondLine = second,
            City = city,
            Region = region,
            CustomData = custom,
            CreatedAt = now,
            UpdatedAt = now,
        });
        events.Emit("address.created", PaddleJson.Of(address));
        return Answer.Created(address);
    }

    private Answer ListPaymentMethods(PaddleCall call) => world.Customers.Find(call.Id) is null
        ? Refusal.NotFound(call.Id)
        : call.Query.Page(world.PaymentMethods.All.Where(method => method.CustomerId == call.Id), PaddleJson.Of);

    private static void CheckEmail(Fields body, string? email)
    {
        if (email is not null && !CustomerDirectory.IsEmail(email))
        {
            body.Error("email", "must be a valid email address");
        }
    }
}

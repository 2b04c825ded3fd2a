using System.Text.Json.Nodes;
using BotGeneric.Simulators.Paddle.Api;
using BotGeneric.Simulators.Paddle.Notifications;
using BotGeneric.Simulators.Paddle.State;

namespace BotGeneric.Simulators.Paddle.Catalogue;

/// <summary><c>/products</c> and <c>/prices</c>.</summary>
/// <param name="world">Keeps them.</param>
/// <param name="events">Tells of them.</param>
internal sealed class CatalogueApi(PaddleWorld world, EventLog events)
{
    private static readonly string[] TaxCategories =
    [
        "digital-goods", "ebooks", "implementation-services", "professional-services", "saas", "software-programming-services", "standard", "training-services",
        "website-hosting",
    ];

    private static readonly string[] Types = ["standard", "custom"];
    private static readonly string[] States = [Statuses.Active, Statuses.Archived];

    public void Map(PaddleRoutes routes)
    {
        routes.Get("/products", ListProducts);
        routes.Post("/products", CreateProduct);
        routes.Get("/products/{id}", GetProduct);
        routes.Patch("/products/{id}", ChangeProduct);
        routes.Get("/prices", ListPrices);
        routes.Post("/prices", CreatePrice);
        routes.Get("/prices/{id}", GetPrice);
        routes.Patch("/prices/{id}", ChangePrice);
    }

    private Answer ListProducts(PaddleCall call)
    {
        var (ids, statuses, types, categories) = (call.Query.Values("id"), call.Query.Values("status") ?? [Statuses.Active], call.Query.Values("type"), call.Query.Values("tax_category"));
        var withPrices = call.Query.Includes("prices");
        return call.Query.Page(
            world.Products.All.Where(product => call.Query.Passes(ids, product.Id) && call.Query.Passes(statuses, product.Status)
                && call.Query.Passes(types, product.Type) && call.Query.Passes(categories, product.TaxCategory)),
            product => Shape(product, withPrices));
    }

    private Answer GetProduct(PaddleCall call) =>
        world.Products.TryFind(call.Id, out var product) ? Answer.Ok(Shape(product, call.Query.Includes("prices"))) : Refusal.NotFound(call.Id);

    private Answer CreateProduct(PaddleCall call)
    {
        var body = call.Body;
        var (name, category) = (body.Text("name", required: true), body.OneOf("tax_category", TaxCategories, required: true));
        var (description, image, type, custom) = (body.Text("description", 2048), body.Text("image_url", 2048), body.OneOf("type", Types), body.CustomData());
        if (body.Refuse() is { } refusal)
        {
            return refusal;
        }

        var now = world.Clock.Stamp();
        var product = world.Products.Add(new Product
        {
            Id = world.Ids.New("pro"),
            Name = name!,
            TaxCategory = category!,
            Description = description,
            ImageUrl = image,
            Type = type ?? "standard",
            CustomData = custom,
            CreatedAt = now,
            UpdatedAt = now,
        });
        events.Emit("product.created", PaddleJson.Of(product));
        return Answer.Created(product);
    }

    private Answer ChangeProduct(PaddleCall call)
    {
        if (!world.Products.TryFind(call.Id, out var product))
        {
            return Refusal.NotFound(call.Id);
        }

        var body = call.Body;
        var (name, category, status) = (body.Text("name"), body.OneOf("tax_category", TaxCategories), body.OneOf("status", States));
        var (description, image, type, custom) = (body.Text("description", 2048), body.Text("image_url", 2048), body.OneOf("type", Types), body.CustomData());
        if ((body.Refuse() ?? Archived(product.Status, status, product.Id)) is { } refusal)
        {
            return refusal;
        }

        (product.Name, product.TaxCategory, product.Status, product.Type) =
            (name ?? product.Name, category ?? product.TaxCategory, status ?? product.Status, type ?? product.Type);
        product.Description = body.Has("description") ? description : product.Description;
        product.ImageUrl = body.Has("image_url") ? image : product.ImageUrl;
        product.CustomData = body.Has("custom_data") ? custom : product.CustomData;
        product.UpdatedAt = world.Clock.Stamp();
        events.Emit("product.updated", PaddleJson.Of(product));
        return Answer.Ok(product);
    }

    private Answer ListPrices(PaddleCall call)
    {
        var (ids, statuses, products, types) = (call.Query.Values("id"), call.Query.Values("status") ?? [Statuses.Active], call.Query.Values("product_id"), call.Query.Values("type"));
        var recurring = call.Query.Values("recurring");
        var withProduct = call.Query.Includes("product");
        return call.Query.Page(
            world.Prices.All.Where(price => call.Query.Passes(ids, price.Id) && call.Query.Passes(statuses, price.Status)
                && call.Query.Passes(products, price.ProductId) && call.Query.Passes(types, price.Type)
                && (recurring is null || (recurring is ["true"]) == (price.BillingCycle is not null))),
            price => Shape(price, withProduct));
    }

    private Answer GetPrice(PaddleCall call) =>
        world.Prices.TryFind(call.Id, out var price) ? Answer.Ok(Shape(price, call.Query.Includes("product"))) : Refusal.NotFound(call.Id);

    private Answer CreatePrice(PaddleCall call)
    {
        var body = call.Body;
        var productId = body.Text("product_id", required: true);
        var draft = PriceFields.Read(body, required: true);
        var type = body.OneOf("type", Types);
        if ((body.Refuse() ?? draft.Refuse(null)) is { } refusal)
        {
            return refusal;
        }

        if (!world.Products.TryFind(productId, out var product))
        {
            return Refusal.NotFound(productId!);
        }

        if (product.Status == Statuses.Archived)
        {
            return Refusal.BadRequest("entity_archived", $"Product {product.Id} is archived.");
        }

        var now = world.Clock.Stamp();
        var price = world.Prices.Add(new Price
        {
            Id = world.Ids.New("pri"),
            ProductId = product.Id,
            Description = draft.Description!,
            UnitPrice = draft.UnitPrice!,
            Type = type ?? "standard",
            CreatedAt = now,
            UpdatedAt = now,
        });
        draft.Apply(price, body);
        events.Emit("price.created", PaddleJson.Of(price));
        return Answer.Created(price);
    }

    private Answer ChangePrice(PaddleCall call)
    {
        if (!world.Prices.TryFind(call.Id, out var price))
        {
            return Refusal.NotFound(call.Id);
        }

        var draft = PriceFields.Read(call.Body, required: false);
        var (status, type) = (call.Body.OneOf("status", States), call.Body.OneOf("type", Types));
        if ((call.Body.Refuse() ?? draft.Refuse(price) ?? Archived(price.Status, status, price.Id)) is { } refusal)
        {
            return refusal;
        }

        draft.Apply(price, call.Body);
        (price.Status, price.Type) = (status ?? price.Status, type ?? price.Type);
        price.UpdatedAt = world.Clock.Stamp();
        events.Emit("price.updated", PaddleJson.Of(price));
        return Answer.Ok(price);
    }

    private static Refusal? Archived(string present, string? wanted, string id) => present == Statuses.Archived && wanted is null
        ? Refusal.BadRequest("entity_archived", $"{id} is archived and cannot be changed, other than back to active.")
        : null;

    private JsonObject Shape(Product product, bool withPrices)
    {
        var json = PaddleJson.Of(product);
        if (withPrices)
        {
            json["prices"] = new JsonArray([.. world.Prices.All.Where(price => price.ProductId == product.Id).Select(PaddleJson.Of)]);
        }

        return json;
    }

    private JsonObject Shape(Price price, bool withProduct)
    {
        var json = PaddleJson.Of(price);
        if (withProduct)
        {
            json["product"] = PaddleJson.Of(world.Products.Find(price.ProductId)!);
        }

        return json;
    }
}

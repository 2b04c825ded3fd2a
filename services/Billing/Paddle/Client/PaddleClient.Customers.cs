namespace BotGeneric.Billing.Paddle.Client;

internal sealed partial class PaddleClient
{
    /// <inheritdoc />
    public async Task<PaddleResult<PaddleCustomer>> CreateOrFindCustomerAsync(
        PaddleCustomerCreation customer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(customer);
        var created = await transport.ChangeAsync<PaddleCustomerCreation, PaddleCustomer>(HttpMethod.Post, "customers", customer, cancellationToken);
        // An address has one customer, so looking for it settles an unknown outcome as well.
        if (created.Failure is not { } failure || !(failure.Outcome == PaddleOutcome.Unknown || failure.Is("customer_already_exists")))
        {
            return created;
        }

        try
        {
            return await FindCustomerAsync(customer.Email, cancellationToken) is { } found ? found : created;
        }
        catch (PaddleException exception)
        {
            return failure.Outcome == PaddleOutcome.Unknown ? created : exception.Failure;
        }
    }

    /// <inheritdoc />
    public Task<PaddleResult<PaddleCustomer>> GetCustomerAsync(string customerId, CancellationToken cancellationToken) =>
        transport.GetAsync<PaddleCustomer>($"customers/{Id(customerId)}", cancellationToken);

    /// <inheritdoc />
    public Task<PaddleResult<PaddleCustomer>> UpdateCustomerAsync(
        string customerId, PaddleCustomerChange change, CancellationToken cancellationToken) =>
        transport.ChangeAsync<PaddleCustomerChange, PaddleCustomer>(HttpMethod.Patch, $"customers/{Id(customerId)}", change, cancellationToken);

    /// <inheritdoc />
    public IAsyncEnumerable<PaddlePaymentMethod> ListPaymentMethodsAsync(string customerId, CancellationToken cancellationToken) =>
        transport.ListAsync<PaddlePaymentMethod>($"customers/{Id(customerId)}/payment-methods", new PaddleQuery(), PageSize, cancellationToken);

    /// <inheritdoc />
    public Task<PaddleResult<PaddlePortalSession>> CreatePortalSessionAsync(
        string customerId, IReadOnlyList<string> subscriptionIds, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(subscriptionIds);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(subscriptionIds.Count, MaximumPortalSubscriptions);
        // One session more or less changes nothing: it counts as a question.
        return transport.AskAsync<PaddlePortalRequest, PaddlePortalSession>(
            HttpMethod.Post, $"customers/{Id(customerId)}/portal-sessions", new PaddlePortalRequest(subscriptionIds), cancellationToken);
    }

    // Archived ones keep their address, and Paddle leaves them out unless asked.
    private async Task<PaddleCustomer?> FindCustomerAsync(string email, CancellationToken cancellationToken)
    {
        var query = new PaddleQuery().Add("email", email).Add("status", "active,archived");
        await foreach (var found in transport.ListAsync<PaddleCustomer>("customers", query, PageSize, cancellationToken))
        {
            if (string.Equals(found.Email, email, StringComparison.OrdinalIgnoreCase))
            {
                return found;
            }
        }

        return null;
    }
}

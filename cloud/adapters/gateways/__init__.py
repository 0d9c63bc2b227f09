"""Those who hold the shopper's money, behind `cloud.domain.payment.PaymentGateway`."""

//! Makes the same request as `orchestration spawn` with async-openai only. It is the
//! baseline of `bench-overhead`, not a benchmark itself.
#![allow(missing_docs, clippy::print_stdout, reason = "an ordinary program prints")]

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::types::chat::{ChatCompletionRequestUserMessage, CreateChatCompletionRequest};
use futures_util::StreamExt;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let base_url = std::env::args().nth(1).ok_or("usage: bare BASE_URL")?;
    let client = Client::with_config(OpenAIConfig::new().with_api_base(base_url));
    let request = CreateChatCompletionRequest {
        model: "m".to_owned(),
        messages: vec![ChatCompletionRequestUserMessage::from("Hi").into()],
        stream: Some(true),
        ..CreateChatCompletionRequest::default()
    };
    let mut response = client.chat().create_stream(request).await?;
    while let Some(chunk) = response.next().await {
        chunk?
            .choices
            .iter()
            .for_each(|choice| print!("{}", choice.delta.content.as_deref().unwrap_or_default()));
    }
    Ok(())
}

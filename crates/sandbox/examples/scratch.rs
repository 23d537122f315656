//! x
#[tokio::main]
async fn main() {
    let s = roomkey_sandbox::start(roomkey_sandbox::Settings {
        listen: "127.0.0.1:18099".parse().unwrap(),
        smtp_listen: "127.0.0.1:18025".parse().unwrap(),
        public_url: None,
        zoom_event_url: None,
        zoom_secret: None,
    })
    .await
    .unwrap();
    tokio::time::sleep(std::time::Duration::from_secs(150)).await;
    s.stop().await;
}

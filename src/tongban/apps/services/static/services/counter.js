// Improvements at the counter; every page works without: a signature drawn on a canvas, a photo taken by the camera, printing.
(() => {
  "use strict";

  const signature = (box) => {
    const canvas = box.querySelector("canvas");
    const target = box.querySelector('input[name="drawn"]');
    const pen = canvas.getContext("2d");
    let drawing = false;
    const clear = () => {
      pen.fillStyle = "#fff";
      pen.fillRect(0, 0, canvas.width, canvas.height);
      target.value = "";
    };
    const at = (event) => {
      const frame = canvas.getBoundingClientRect();
      return [
        ((event.clientX - frame.left) * canvas.width) / frame.width,
        ((event.clientY - frame.top) * canvas.height) / frame.height,
      ];
    };
    canvas.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      canvas.setPointerCapture(event.pointerId);
      pen.lineWidth = 5;
      pen.lineCap = pen.lineJoin = "round";
      pen.strokeStyle = "#111";
      pen.beginPath();
      pen.moveTo(...at(event));
      drawing = true;
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!drawing) return;
      pen.lineTo(...at(event));
      pen.stroke();
    });
    const stop = () => {
      if (drawing) target.value = canvas.toDataURL("image/png");
      drawing = false;
    };
    canvas.addEventListener("pointerup", stop);
    canvas.addEventListener("pointercancel", stop);
    box.querySelector("[data-clear]").addEventListener("click", clear);
    clear();
    box.hidden = false;
  };

  // A button beside a file input that opens the camera of this machine and puts the picture among the chosen files.
  const camera = (input) => {
    const words = document.body.dataset;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn camera-btn";
    button.textContent = words.wordsCamera;
    const video = document.createElement("video");
    video.playsInline = true;
    video.muted = true;
    video.hidden = true;
    video.className = "camera";
    let stream = null;
    const close = () => {
      stream.getTracks().forEach((track) => track.stop());
      stream = null;
      video.hidden = true;
      button.textContent = words.wordsCamera;
    };
    const shoot = () => {
      const canvas = document.createElement("canvas");
      canvas.width = video.videoWidth;
      canvas.height = video.videoHeight;
      canvas.getContext("2d").drawImage(video, 0, 0);
      canvas.toBlob((blob) => {
        const chosen = new DataTransfer();
        if (input.multiple) [...input.files].forEach((file) => chosen.items.add(file));
        chosen.items.add(new File([blob], `photo-${Date.now()}.jpg`, { type: "image/jpeg" }));
        input.files = chosen.files;
        close();
      }, "image/jpeg", 0.9);
    };
    button.addEventListener("click", async () => {
      if (stream) return shoot();
      try {
        stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: 1920 } });
      } catch {
        button.remove(); // no camera, or not allowed: the file input stays
        return;
      }
      video.srcObject = stream;
      video.hidden = false;
      await video.play();
      button.textContent = words.wordsShoot;
    });
    input.after(button, video);
  };

  document.querySelectorAll("[data-signature]").forEach(signature);
  if (navigator.mediaDevices?.getUserMedia && document.body.dataset.wordsCamera) {
    document.querySelectorAll("input[data-camera]").forEach(camera);
  }
  document.querySelectorAll("[data-print]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  });
})();
